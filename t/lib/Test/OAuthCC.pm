package Test::OAuthCC;

# The harness of ngx_http_oauthcc_module's behaviour tests: an nginx of one's
# own in a temporary prefix, on ports of one's own, with scripted servers
# around it.  A test looks like this:
#
#   my $t = Test::OAuthCC->new;
#   my $idp = $t->token_endpoint;           # 127.0.0.1:%%PORT_idp%%
#   my $api = $t->upstream;                 # 127.0.0.1:%%PORT_api%%
#
#   $t->run(<<'EOF');
#   %%GLOBALS%%
#   http {
#       %%HTTP%%
#       ...
#   EOF
#
#   is($t->get('/')->status, 200, 'a token');
#   $t->done;
#
# %%SERVER%% in it is a server{} in which requests for /NAME and /NAME/... have a
# token of the provider NAME, on their way to %%PORT_api%%; %%SERVER_reuseport%%
# is the same with that parameter of "listen".
#
# In every file that it writes, %%PREFIX%% becomes the prefix and %%PORT_x%% a
# port that stays x's for the life of the test.  done() stops nginx and adds
# the tests that nginx logged no alert, that no worker died and that no secret
# is in a log under logs/, in what nginx said when it was started, and in what
# each nginx -t of $t->check() did: of tokens and credentials that passed a
# token endpoint, and of what $t->secret() was told.
#
# Environment: TEST_NGINX_BINARY (/usr/sbin/nginx), TEST_NGINX_MODULE (the
# module as built by make; empty for a static one), TEST_NGINX_GLOBALS (more
# lines for the top of nginx.conf), TEST_NGINX_LEAVE (keeps the prefix),
# TEST_NGINX_REPORTS (a folder for what checkers report; t/tools/reports sets it),
# TEST_NGINX_WRAPPER (a command that nginx is run by, %%REPORT%% in it is where
# its report goes), TEST_NGINX_SLOWER (how many times longer a thing may take
# then), TEST_NGINX_DEBUG (the module's own debug lines are searched for secrets
# as well; nginx's hold the headers that it sends).

use v5.36;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Find ();
use File::Temp ();
use POSIX ();
use Socket qw(AF_UNIX AF_INET SOCK_STREAM SOCK_DGRAM SOL_SOCKET SO_REUSEADDR
              INADDR_ANY pack_sockaddr_in pack_sockaddr_un);
use Storable qw(nstore_fd fd_retrieve);
use Test::More;
use Time::HiRes qw(time sleep);

use Test::OAuthCC::Client;
use Test::OAuthCC::Resolver;
use Test::OAuthCC::TokenEndpoint;
use Test::OAuthCC::Upstream;


# new(workers => 2, connections => 4096): what differs from these;
# needs => [ 'http_v2_module' ]: skips all unless nginx was built with that;
# module => '': does without ours
sub new ($class, %arg) {
    $SIG{PIPE} = 'IGNORE';

    my $self = bless { workers => 2, connections => 4096, %arg,
                       ports => {}, locks => [], daemons => [],
                       secrets => [], allowed => [], complaints => [],
                       test => $$ }, $class;

    $self->{nginx} = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
    $self->{module} //= $ENV{TEST_NGINX_MODULE} // dirname(__FILE__)
        . '/../../../build/ngx_http_oauthcc_module.so';

    my $built = `$self->{nginx} -V 2>&1`;
    die "no nginx at $self->{nginx}\n" unless $built;

    for my $option (@{ $arg{needs} // [] }) {
        plan(skip_all => "nginx has no $option")
            unless $built =~ /--with-\Q$option\E\b/;
    }

    if ($self->{module}) {
        -e $self->{module}
            or BAIL_OUT("$self->{module} is not there: run make first");
        $self->{module} = abs_path($self->{module});
    }

    $self->{dir} = File::Temp->newdir('oauthcc-XXXXXXXX', TMPDIR => 1,
                                      CLEANUP => !$ENV{TEST_NGINX_LEAVE});
    $self->{prefix} = "$self->{dir}";
    chmod 0755, $self->{prefix};
    mkdir "$self->{prefix}/$_" for qw(logs temp);

    # what a checker says goes where the end of the run can find it
    if (my $folder = $ENV{TEST_NGINX_REPORTS}) {
        $self->{reports} = "$folder/" . basename($0) . ".$$";

        $ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (),
                                       "log_path=$self->{reports}.asan";
    }

    if (my $wrapper = $ENV{TEST_NGINX_WRAPPER}) {
        $self->{wrapper} = $wrapper =~ s/%%REPORT%%/$self->{reports}/gr . ' ';
    }

    return $self;
}


sub prefix ($self) { return $self->{prefix} }


####  ports, files, servers

# Ports lie below the range that the kernel takes ports of clients from; a
# lock in the abstract socket namespace keeps other tests away from them.

sub port ($self, $name) {
    return $self->{ports}{$name} //= do {
        my ($port, $lock) = (10000 + int rand 20000);

        for ( ;; ) {
            $port = 10000 if ++$port > 30000;

            socket $lock, AF_UNIX, SOCK_STREAM, 0 or die "socket: $!";
            next unless bind $lock, pack_sockaddr_un("\0oauthcc-test-$port");
            last if is_free($port);
        }

        push @{ $self->{locks} }, $lock;
        $port;
    };
}


sub is_free ($port) {
    for my $type (SOCK_STREAM, SOCK_DGRAM) {
        socket my $s, AF_INET, $type, 0 or die "socket: $!";
        setsockopt $s, SOL_SOCKET, SO_REUSEADDR, 1;
        bind $s, pack_sockaddr_in($port, INADDR_ANY) or return 0;
    }

    return 1;
}


sub fill ($self, $text) {
    my $globals = join "\n",
        $self->{module} ? "load_module $self->{module};" : (),
        $> == 0 ? "user root;" : (),
        "pid %%PREFIX%%/nginx.pid; daemon on;",
        "worker_processes $self->{workers};",
        "error_log %%PREFIX%%/logs/error.log info;",
        $ENV{TEST_NGINX_DEBUG} ? "error_log %%PREFIX%%/logs/debug.log debug;"
                               : (),
        "events { worker_connections $self->{connections}; }",
        $ENV{TEST_NGINX_GLOBALS} // ();

    my $http = join "\n", "access_log %%PREFIX%%/logs/access.log;",
        map { "${_}_temp_path %%PREFIX%%/temp/$_;" }
            qw(client_body proxy fastcgi uwsgi scgi);

    my $server = <<'CONF';
map $uri $provider { ~^/(?<name>[^/]+) $name; }
server {
    listen 127.0.0.1:%%%%PORT_http%%%%%s;
    oauthcc $provider;
    location / { proxy_pass http://127.0.0.1:%%%%PORT_api%%%%; }
}
CONF

    # one line each, so that line numbers in messages are those of the test
    s/\n/ /g for $globals, $http, $server;

    $text =~ s/%%SERVER(?:_(\w+))?%%/sprintf $server, $1 ? " $1" : ''/ge;
    $text =~ s/%%GLOBALS%%/$globals/g;
    $text =~ s/%%HTTP%%/$http/g;
    $text =~ s/%%PREFIX%%/$self->{prefix}/g;
    $text =~ s/%%PORT_(\w+)%%/$self->port($1)/ge;

    return $text;
}


sub write_file ($self, $name, $text) {
    my $path = "$self->{prefix}/$name";

    system 'mkdir', '-p', dirname($path);

    # not in place: nginx may be reading it
    open my $fh, '>:raw', "$path.new" or die "$path.new: $!";
    print $fh $self->fill($text);
    close $fh or die "$path.new: $!";
    rename "$path.new", $path or die "$path: $!";

    return $path;
}


sub read_file ($self, $name) {
    open my $fh, '<:raw', "$self->{prefix}/$name" or return '';
    local $/;
    return <$fh> // '';
}


sub token_endpoint ($self, $name = 'idp', %arg) {
    return $self->daemon('TokenEndpoint', $name, %arg);
}


sub upstream ($self, $name = 'api', %arg) {
    return $self->daemon('Upstream', $name, %arg);
}


sub resolver ($self, $name = 'dns') {
    return $self->daemon('Resolver', $name, udp => 1);
}


sub daemon ($self, $class, $name, %arg) {
    $arg{listen} //= '127.0.0.1:' . $self->port($name);
    $arg{listen} = [ $self->fill($arg{listen}) ];

    my $daemon = "Test::OAuthCC::$class"->spawn(%arg);
    push @{ $self->{daemons} }, $daemon;

    return $daemon;
}


# A certificate "$name.crt" with its "$name.key" in the prefix, for the DNS
# name $name and 127.0.0.1, self-signed: it is its own CA.

sub certificate ($self, $name, $dns = $name) {
    my $prefix = $self->{prefix};

    my $out = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \\
        -nodes -days 2 -subj /CN=$dns -keyout $prefix/$name.key \\
        -addext subjectAltName=DNS:$dns,IP:127.0.0.1 \\
        -out $prefix/$name.crt 2>&1`;

    die "openssl: $out" if $?;
}


# Runs the openssl command in the prefix, and returns what it prints.

sub openssl ($self, $command) {
    my $out = `cd $self->{prefix} && openssl $command 2>&1`;
    die "openssl $command: $out" if $?;
    return $out;
}


# options of "openssl x509" for a certificate whose time is over: from 3.4 on
# it takes no days before today
sub over ($self) {
    return `openssl x509 -help 2>&1` =~ /-not_after/
        ? '-not_before 20200101000000Z -not_after 20200102000000Z'
        : '-days -1';
}


####  nginx

sub run ($self, $config = undef, %env) {
    $self->write_file('nginx.conf', $config) if defined $config;

    local @ENV{keys %env} = values %env;

    system($self->command . " >>$self->{prefix}/stderr 2>&1") == 0
        or die "nginx did not start:\n", $self->read_file('stderr');

    $self->wait_for(sub { (() = $self->workers) >= $self->{workers} })
        or die "nginx has no workers:\n", $self->error_log;

    return $self;
}


# a configuration with a provider "crm" of these lines, and a location
sub one_provider ($self, $block, $location = '', $http = '') {
    return <<"CONF";
%%GLOBALS%%
http {
    %%HTTP%%
    $http
    oauthcc_provider crm {
        $block
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location / {
            $location
            proxy_pass http://127.0.0.1:1;
        }
    }
}
CONF
}


sub command ($self) {
    return ($self->{wrapper} // '') . "$self->{nginx} -p $self->{prefix}/ "
           . "-c $self->{prefix}/nginx.conf";
}


# the exit code and the output of nginx -t, which writes to no file: that of an
# nginx with a relative --error-log-path is ours, and has its own alerts
sub check ($self, $config, %env) {
    my $file = $self->write_file('check.conf', $config);

    local @ENV{keys %env} = values %env;

    # nginx -t ends without giving back what it has read
    local $ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (),
                                         'detect_leaks=0';
    my $out = $self->{wrapper} // '';
    $out .= '--leak-check=no ' if $out =~ /valgrind/;

    $out .= $self->{nginx};
    $out = `$out -e stderr -p $self->{prefix}/ -c $file -t 2>&1`;
    my $code = $? >> 8;

    # it is searched for secrets as all that nginx says
    open my $fh, '>>:raw', "$self->{prefix}/logs/check.log" or die $!;
    print $fh $out;
    close $fh;

    # UndefinedBehaviorSanitizer of gcc knows no other place
    push @{ $self->{complaints} }, $out =~ /^.*runtime error:.*/gm;

    return $code, $out;
}


sub master ($self, $file = 'nginx.pid') {
    my ($pid) = $self->read_file($file) =~ /^(\d+)/;
    return $pid && is_alive($pid) ? $pid : undef;
}


# pids of a master's workers; those that are shutting down are not counted
sub workers ($self, $master = $self->master) {
    my @children = children($master // return);
    return grep { title($_) =~ /worker process$/ } @children
        unless $self->{wrapper};

    # a title that nginx gives itself is not that of what runs it
    my $log = $self->error_log;
    return grep { $log =~ /start worker process $_$/m
                  && $log !~ / $_#\d+: (?:gracefully|exiting)/ } @children;
}


sub children ($parent) {
    opendir my $proc, '/proc' or die "/proc: $!";
    return sort { $a <=> $b }
           grep { /^\d+$/ && (stat_of($_))[1] == $parent } readdir $proc;
}


# state and parent of a process, from /proc
sub stat_of ($pid) {
    open my $fh, '<', "/proc/$pid/stat" or return ('gone', -1);
    return (<$fh> // '') =~ /.*\) (\S) (\d+)/ ? ($1, $2) : ('gone', -1);
}


# a zombie is dead: nobody may be there to reap it
sub is_alive ($pid) { return (stat_of($pid))[0] !~ /gone|Z|X/ }


sub title ($pid) {
    open my $fh, '<', "/proc/$pid/cmdline" or return '';
    return (<$fh> // '') =~ s/[\0 ]+$//r;
}


# makes nginx read a configuration; true when only new workers are serving
sub reload ($self, $config = undef) {
    $self->write_file('nginx.conf', $config) if defined $config;

    my %old = map { $_ => 1 } $self->workers;

    kill 'HUP', $self->master;

    return $self->wait_for(sub {
        my @now = $self->workers;
        return @now >= $self->{workers} && !grep { $old{$_} } @now;
    });
}


# replaces the running nginx by a new binary; true when only that is left
sub upgrade ($self) {
    my $old = $self->master;

    kill 'USR2', $old;

    $self->wait_for(sub {
        my $new = $self->master;
        return $new && $new != $old && $self->workers >= $self->{workers};
    }) or return 0;

    kill 'QUIT', $old;

    return $self->wait_for(sub { !is_alive($old) });
}


# ends nginx and says how many seconds that took
sub stop ($self, $signal = 'QUIT', $seconds = 10) {
    my $master = $self->master // return 0;
    my @all = ($master, children($master));
    my $start = time;

    for ($signal, 'TERM', 'KILL') {
        kill $_, $_ eq 'KILL' ? @all : $master;
        last if $self->wait_for(sub { !grep { is_alive($_) } @all }, $seconds);
        fail("nginx ends on SIG$_");
    }

    return time - $start;
}


# how long a thing may take that takes no more than so many seconds by itself
sub seconds ($self, $n) { return $n * ($ENV{TEST_NGINX_SLOWER} // 1) }


# polls; returns what the code does, false at the end of the time
sub wait_for ($self, $code, $seconds = 5) {
    my $end = time + $self->seconds($seconds);

    for ( ;; ) {
        my $value = $code->();
        return $value if $value;
        return $value if time > $end;
        sleep 0.005;
    }
}


sub error_log ($self) { return $self->read_file('logs/error.log') }


# lines of error.log that match
sub log_lines ($self, $re) {
    return grep { $_ =~ $re } split /\n/, $self->error_log;
}


# waits for n such lines
sub wait_log ($self, $re, $n = 1, $seconds = 5) {
    return $self->wait_for(sub { $self->log_lines($re) >= $n }, $seconds);
}


####  clients; the port is %%PORT_http%% unless port => NAME says otherwise

sub client ($self, %arg) {
    my $port = delete $arg{port} // 'http';
    return Test::OAuthCC::Client->new(port => $self->port($port), %arg);
}


sub get ($self, $uri, %arg) { return $self->request(GET => $uri, %arg) }


sub raw ($self, $bytes, %arg) {
    return $self->client(%arg)->start_raw($bytes)->finish;
}


sub request ($self, $method, $uri, %arg) {
    my %client = map { exists $arg{$_} ? ($_ => delete $arg{$_}) : () }
                 qw(port timeout);
    return $self->client(%client)->request($method, $uri, %arg);
}


# n requests, each on a connection of its own, all at once
sub concurrent ($self, $n, $method, $uri, %arg) {
    my $timeout = delete $arg{timeout} // 30;
    my @clients = map { $self->client->start($method, $uri, %arg) } 1 .. $n;

    Test::OAuthCC::Client::drive($timeout, @clients);

    return map { $_->{response} } @clients;
}


# "200 x 5, 502 x 1" of responses
sub tally (@responses) {
    my %n;
    $n{ $_->status }++ for @responses;
    return join ', ', map { "$_ x $n{$_}" } sort keys %n;
}


# Requests without a pause from a process of its own; $load->() ends it and
# returns the statuses as a hash of counts, and the slowest time.

sub load ($self, $uri, %arg) {
    my $n = $arg{clients} // 4;
    my $port = $self->port('http');

    pipe my $stop, my $stopper or die "pipe: $!";
    pipe my $result, my $writer or die "pipe: $!";

    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        close $stopper;
        eval { generate($stop, $writer, $n, $port, $uri); 1 }
            or print STDERR "load: $@";
        POSIX::_exit(0);
    }

    close $_ for $stop, $writer;

    return sub {
        close $stopper;
        my $got = fd_retrieve($result);
        waitpid $pid, 0;
        return @$got;
    };
}


sub generate ($stop, $writer, $n, $port, $uri) {
    my ($ending, $slowest, %status) = (0, 0);
    my @clients = map { Test::OAuthCC::Client->new(port => $port,
                            keepalive => $_ % 2) } 1 .. $n;

    $_->start(GET => $uri) for @clients;

    while (@clients) {
        Test::OAuthCC::Client::drive(0.05, @clients, 'some');

        vec(my $r = '', fileno $stop, 1) = 1;
        $ending ||= select $r, undef, undef, 0;

        for my $c (grep { $_->{done} } @clients) {
            my $response = $c->{response};

            # a kept connection may be closed before the request is read
            my $stale = $c->{keepalive} && !$response->status
                        && $c->{requests} && $response->{in} eq '';

            unless ($stale) {
                $status{ $response->status || $response->error }++;
                $slowest = $response->time if $response->time > $slowest;
            }

            $c->{requests} = $c->{fh} ? 1 : 0;
            $c->start(GET => $uri) unless $ending;
        }

        @clients = grep { !$_->{done} } @clients if $ending;
    }

    nstore_fd([ \%status, $slowest ], $writer);
    close $writer;
}


####  secrets, and the end

# no log may hold these; returns the first
sub secret ($self, @secrets) {
    push @{ $self->{secrets} }, @secrets;
    return $secrets[0];
}


# an alert that the test causes itself
sub allow_alert ($self, $re) { push @{ $self->{allowed} }, $re }


# of the log as it is, or of a text that was a part of it
sub alerts ($self, $text = $self->error_log . $self->read_file('stderr')) {
    my $bad = qr/\[(?:alert|emerg)\]|exited on signal|Sanitizer
                 |runtime[ ]error:/x;

    my @lines = grep { $_ =~ $bad } split /\n/, $text;

    # what a process prints goes where nginx logs most, which is no place for
    # alerts: those are in error.log as well
    push @lines, $self->read_file('logs/debug.log')
                     =~ /^.*(?:Sanitizer|runtime error:).*/gm;

    push @lines, @{ $self->{complaints} },
         map { "checker: $_" } $self->reports;

    for my $allowed (@{ $self->{allowed} }) {
        @lines = grep { $_ !~ $allowed } @lines;
    }

    return @lines;
}


# what checkers have said of this test's nginx: the files that are not empty
sub reports ($self) {
    return $self->{reports} ? grep { -s } glob "$self->{reports}.*" : ();
}


# names of the files below folders of the prefix that hold a secret; of what
# nginx says at debug level, the module's own lines count
sub leaks ($self, @folders) {
    my @secrets = grep { length } @{ $self->{secrets} },
        map { $_->can('secrets') && $_->{pid} ? $_->secrets : () }
            @{ $self->{daemons} };

    # tokens may be many thousands: they are looked up by what they begin with
    my $token = qr/tok-\d+-[0-9a-f]{16}/;
    my %tokens = map { /^($token)/ ? ($1 => 1) : () } @secrets;
    my $re = join '|', map { quotemeta } grep { !/^$token/ } @secrets;

    my @found;

    File::Find::find({ no_chdir => 1, wanted => sub {
        return unless -f $_;
        my $name = substr $_, 1 + length $self->{prefix};
        my $text = $self->read_file($name);
        $text = join '', $text =~ /^.*\[debug\] [\d#]+: (?:\*\d+ )?oauthcc .*\n/gm
            if $name =~ /debug\.log$/;

        push @found, "$name: $1" if length $re && $text =~ /($re)/;
        push @found, map { "$name: $_" } grep { $tokens{$_} }
                     $text =~ /$token/g;
    } }, grep { -e } map { "$self->{prefix}/$_" }
                     @folders ? @folders : qw(logs stderr));

    return @found;
}


sub done ($self) {
    my @leaks = $self->leaks;

    $self->stop;

    push @leaks, $self->leaks unless @leaks;
    is(join("\n", $self->alerts), '', 'no alert, no worker died');
    is(join("\n", @leaks), '', 'no secret in a log');

    done_testing();

    unless (Test::More->builder->is_passing) {
        diag("error.log:\n", substr $self->error_log, -4000);
    }
}


sub DESTROY ($self) {
    return if $$ != $self->{test};
    local ($?, $@, $!);

    if (my $master = $self->master) {
        kill 'KILL', $master, children($master);
    }

    $_->stop for grep { defined } @{ $self->{daemons} };
}


1;
