package Test::OAuthCC::FakeStore;

# What speaks as a Redis does until it is asked for something, and then answers
# as no Redis would:
#
#   my $fake = $t->daemon('FakeStore', 'fake');
#
#   $fake->reply("*1\r\n\$5\r\nLEAVE\r\n")   to each script; NOW in it is the time
#   $fake->asked              scripts that were called
#   $fake->flood($message)    a subscriber gets it without end, until flood('')
#   $fake->floods             subscribers that do
#
# See Daemon.pm.

use v5.36;
use parent 'Test::OAuthCC::Daemon';

use Errno qw(EAGAIN);
use IO::Handle ();
use POSIX ();
use Time::HiRes qw(time);


####  in the test

sub reply ($self, $bytes) { $self->call(reply => $bytes) }
sub asked ($self)         { return $self->call('asked') }
sub flood ($self, $text)  { $self->call(flood => $text) }
sub floods ($self)        { return $self->call('floods') }


####  in the daemon

sub do_asked ($self) { return $self->{asked} // 0 }


sub do_reply ($self, $bytes) {
    $self->{reply} = $bytes;
    $self->{asked} = 0;
    return $self->cut;
}


sub do_flood ($self, $text) {
    kill 'KILL', $_ for splice @{ $self->{floods} };
    $self->{flood} = $text;
    return $self->cut;
}


sub do_floods ($self) { return scalar @{ $self->{floods} // [] } }


# as fast as it can: by a process of its own
sub pour ($self, $fh, $channel) {
    my $pid = fork() // die "fork: $!";

    if ($pid) {
        push @{ $self->{floods} }, $pid;
        return;
    }

    my $block = ("*3\r\n" . bulk('message') . bulk($channel)
                 . bulk($self->{flood})) x 10_000;

    $fh->blocking(1);
    local $SIG{PIPE} = 'DEFAULT';
    1 while syswrite $fh, $block;
    POSIX::_exit(0);
}


sub cut ($self) {
    $self->end($_) for values %{ $self->{open} };
    return;
}


sub end ($self, $fh) {
    delete $self->{open}{$fh} or return;
    $self->forget($fh);
    close $fh;
}


sub accepted ($self, $fh) {
    my $buffer = '';

    $self->{open}{$fh} = $fh;

    $self->on_read($fh, sub {
        my $n = sysread $fh, $buffer, 65536, length $buffer;

        if (!$n) {
            $self->end($fh) unless !defined $n && $!{EAGAIN};
            return;
        }

        while (my @words = words(\$buffer)) {
            my $answer = $self->answer(@words);
            my $sent = syswrite $fh, $answer;

            return $self->end($fh)
                unless defined $sent && $sent == length $answer;

            $self->pour($fh, $words[1])
                if $words[0] eq 'SUBSCRIBE' && $self->{flood};
        }
    });
}


# takes a command from the buffer, if it is there as a whole
sub words ($buffer) {
    return unless $$buffer =~ /\A\*(\d+)\r\n/;

    my ($n, $at, @words) = ($1, $+[0]);

    for (1 .. $n) {
        return unless substr($$buffer, $at) =~ /\A\$(\d+)\r\n/;
        my $begin = $at + $+[0];
        return if length $$buffer < $begin + $1 + 2;
        push @words, substr $$buffer, $begin, $1;
        $at = $begin + $1 + 2;
    }

    $$buffer = substr $$buffer, $at;

    return @words;
}


sub bulk ($text) { return '$' . length($text) . "\r\n$text\r\n" }


sub answer ($self, $command, @words) {
    my $now = int(time * 1000);

    return "*3\r\n" . bulk('master') . ":0\r\n*0\r\n" if $command eq 'ROLE';
    return '*2' . "\r\n" . bulk(int time) . bulk(0) if $command eq 'TIME';
    return bulk('0' x 40) if $command eq 'SCRIPT';
    return "*3\r\n" . bulk('subscribe') . bulk($words[0]) . ":1\r\n"
        if $command eq 'SUBSCRIBE';
    return "*2\r\n" . bulk('pong') . bulk('') if $command eq 'PING';

    return "+OK\r\n" unless $command eq 'EVALSHA';

    # of a lease that nobody has, which the greeting asks for
    return "*1\r\n" . bulk('LOST') if ($words[5] // '') eq 'probe';

    $self->{asked}++;

    return ($self->{reply} // "+OK\r\n") =~ s/NOW/$now/gr;
}


1;
