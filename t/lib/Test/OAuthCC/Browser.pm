package Test::OAuthCC::Browser;

# Chromium, without a window, told what to do over its own protocol:
#
#   my $b = Test::OAuthCC::Browser->new($folder);
#   $b->size(400, 800);                 # of the window, in CSS pixels
#   $b->scheme('dark');                 # what the person prefers
#   $b->open($url);                     # returns when the page is loaded
#   $b->run('document.title');          # the value of an expression
#   $b->texts('h2');                    # of all elements of a selector
#   $b->click('button');                # returns when the next page is loaded
#   $b->picture($file);                 # a PNG of what is in the window
#   $b->complaints;                     # of its console since then
#   $b->urls;                           # all that it asked for since then
#
# Whatever takes longer than 20 seconds dies, and so does the browser with the
# test.

use v5.36;

use File::Path ();
use JSON::PP ();
use MIME::Base64 ();
use POSIX ();
use Time::HiRes qw(time);


my @options = qw(
    --headless --no-sandbox --disable-gpu --disable-dev-shm-usage
    --disable-extensions --disable-sync --disable-component-update
    --disable-background-networking --disable-default-apps --no-first-run
    --mute-audio --hide-scrollbars --remote-debugging-pipe
);


sub new ($class, $folder) {
    my $self = bless { buffer => '', events => [], id => 0,
                       folder => "$folder/browser" }, $class;

    pipe my $child_in, $self->{out} or die "pipe: $!";
    pipe $self->{in}, my $child_out or die "pipe: $!";

    my $test = $$;
    $self->{pid} = fork() // die "fork: $!";

    if ($self->{pid} == 0) {
        # it reads from descriptor 3 and writes to 4, see its own help
        POSIX::dup2(fileno $child_in, 40);
        POSIX::dup2(fileno $child_out, 41);
        POSIX::dup2(40, 3);
        POSIX::dup2(41, 4);
        POSIX::close($_) for 5 .. 41;
        CORE::open STDIN, '<', '/dev/null';
        CORE::open STDOUT, '>', '/dev/null';
        CORE::open STDERR, '>', '/dev/null';
        exec 'chromium', @options, "--user-data-dir=$self->{folder}",
             'about:blank' or POSIX::_exit(127);
    }

    close $_ for $child_in, $child_out;
    $self->{out}->autoflush(1);
    $self->{in}->blocking(0);
    $self->{test} = $test;

    my $target = $self->call('Target.createTarget', url => 'about:blank');
    my $session = $self->call('Target.attachToTarget', flatten => \1,
                              targetId => $target->{targetId});
    $self->{session} = $session->{sessionId};

    $self->call("$_.enable") for qw(Page Runtime Log Network);
    $self->size(1280, 800);

    return $self;
}


sub size ($self, $width, $height) {
    $self->call('Emulation.setDeviceMetricsOverride', width => $width,
                height => $height, deviceScaleFactor => 1, mobile => \0);
}


sub scheme ($self, $scheme) {
    $self->call('Emulation.setEmulatedMedia', features =>
                [ { name => 'prefers-color-scheme', value => $scheme } ]);
}


sub open ($self, $url) {
    $self->{events} = [];

    my $r = $self->call('Page.navigate', url => $url);
    die "browser: $url: $r->{errorText}\n" if $r->{errorText};

    my $end = time + 20;
    until (grep { $_->{method} eq 'Page.loadEventFired' }
           @{ $self->{events} })
    {
        $self->listen($end, "$url is not loaded");
    }
}


# waits for the page to load itself again
sub wait_load ($self) {
    my $loads = sub { scalar grep { $_->{method} eq 'Page.loadEventFired' }
                      @{ $self->{events} } };
    my $n = $loads->();
    my $end = time + 20;
    $self->listen($end, 'the page is not loaded again') until $loads->() > $n;
}


sub run ($self, $expression) {
    my $r = $self->call('Runtime.evaluate', expression => $expression,
                        returnByValue => \1);
    die 'browser: ' . JSON::PP->new->canonical->encode($r) . "\n"
        if $r->{exceptionDetails};
    return $r->{result}{value};
}


# clicks an element, which leads to another page
sub click ($self, $selector) {
    my $name = JSON::PP->new->allow_nonref->encode($selector);
    my $loads = sub { scalar grep { $_->{method} eq 'Page.loadEventFired' }
                      @{ $self->{events} } };
    my $n = $loads->();
    my $end = time + 20;
    $self->run("document.querySelector($name).click()");
    $self->listen($end, "$selector leads nowhere") until $loads->() > $n;
}


sub texts ($self, $selector) {
    my $name = JSON::PP->new->allow_nonref->encode($selector);
    return @{ $self->run("Array.from(document.querySelectorAll($name),"
                         . ' e => e.innerText.trim())') };
}


sub picture ($self, $file) {
    my $r = $self->call('Page.captureScreenshot', format => 'png');

    CORE::open my $fh, '>:raw', $file or die "$file: $!";
    print $fh MIME::Base64::decode_base64($r->{data});
    close $fh or die "$file: $!";
}


sub complaints ($self) {
    $self->run('1');

    return map {
        my $p = $_->{params};
        $_->{method} eq 'Runtime.exceptionThrown'
            ? $p->{exceptionDetails}{exception}{description}
            : $_->{method} eq 'Log.entryAdded' ? $p->{entry}{text}
            : $_->{method} eq 'Runtime.consoleAPICalled'
                ? join ' ', map { $_->{value} // '' } @{ $p->{args} } : ()
    } @{ $self->{events} };
}


sub urls ($self) {
    $self->run('1');

    return map { $_->{params}{request}{url} }
           grep { $_->{method} eq 'Network.requestWillBeSent' }
           @{ $self->{events} };
}


####  the protocol: JSON with a null byte behind it

sub call ($self, $method, %params) {
    my $id = ++$self->{id};
    my $message = { id => $id, method => $method, params => \%params };
    $message->{sessionId} = $self->{session} if $self->{session};

    local $SIG{PIPE} = 'IGNORE';
    print { $self->{out} } JSON::PP->new->utf8->encode($message) . "\0"
        or die "browser: $!";

    my $end = time + 20;
    $self->listen($end, $method) until $self->{answers}{$id};

    my $answer = delete $self->{answers}{$id};
    die "browser: $method: $answer->{error}{message}\n" if $answer->{error};

    return $answer->{result};
}


sub listen ($self, $end, $what) {
    vec(my $r = '', fileno $self->{in}, 1) = 1;
    my $left = $end - time;

    die "browser: no answer in time: $what\n"
        if $left <= 0 || !select $r, undef, undef, $left;

    my $n = sysread $self->{in}, $self->{buffer}, 65536,
                    length $self->{buffer};
    die "browser: it has ended; is chromium installed?\n"
        if defined $n && $n == 0;

    while ($self->{buffer} =~ s/^([^\0]*)\0//) {
        my $message = JSON::PP->new->utf8->decode($1);

        if ($message->{id}) {
            $self->{answers}{ $message->{id} } = $message;
        } else {
            push @{ $self->{events} }, $message;
        }
    }
}


sub stop ($self) {
    my $pid = delete $self->{pid} or return;

    eval { local $self->{session}; $self->call('Browser.close'); };
    close $_ for @{$self}{qw(in out)};

    for (1 .. 500) {
        last if waitpid($pid, POSIX::WNOHANG()) == $pid;
        kill 'KILL', $pid if $_ == 400;
        select undef, undef, undef, 0.01;
    }

    File::Path::remove_tree($self->{folder});
}


sub DESTROY ($self) {
    local ($?, $@);
    $self->stop if ($self->{test} // 0) == $$;
}


1;
