package Test::OAuthCC::Connect;

# A scripted forward proxy, for names that only it knows, and for faults that a
# real one does not have:
#
#   my $proxy = $t->daemon('Connect', 'connect');
#
#   $proxy->set('idp.test:443', to => 10443);       # a port of 127.0.0.1
#   $proxy->set('idp.test:443', answer => "HTTP/1.1 500 x\r\n\r\n");
#
# What may be told of a target:
#
#   to        the port that it is at; without one, the connection is closed
#             behind the answer
#   answer    bytes, "HTTP/1.1 200 Connection established\r\n\r\n" by default;
#             %CREDENTIAL% in it is what stood in Proxy-Authorization
#   pieces    the answer is written in pieces of so many bytes
#   hang      no answer, ever
#   delay     seconds before the first byte
#   cut       the tunnel is closed after so many bytes of the target
#
# $proxy->requests: the headers that it was sent, each a text.

use v5.36;
use parent 'Test::OAuthCC::Daemon';

use IO::Socket::INET;


sub set ($self, $target, %told) { $self->call(set => $target, %told) }
sub requests ($self)            { return $self->call('requests') }
sub clear ($self)               { $self->call('clear') }


sub do_set ($self, $target, %told) {
    $self->{targets}{$target} = { %told };
    return;
}


sub do_requests ($self) { return @{ $self->{requests} // [] } }


sub do_clear ($self) {
    $self->{requests} = [];
    return;
}


sub accepted ($self, $fh) {
    my $head = '';

    $self->on_read($fh, sub {
        sysread($fh, $head, 4096, length $head) or return $self->end($fh);
        return if $head !~ /\r\n\r\n\z/;

        $self->on_read($fh, undef);
        push @{ $self->{requests} }, $head;

        my ($target) = $head =~ /^CONNECT (\S+) HTTP\/1\.1\r\n/;
        $self->respond($fh, $head, $self->{targets}{$target // ''} //
                       { answer => "HTTP/1.1 502 Bad Gateway\r\n\r\n" });
    });
}


sub respond ($self, $fh, $head, $told) {
    return push @{ $self->{hung} }, $fh if $told->{hang};

    my ($credential) = $head =~ /^Proxy-Authorization: \w+ (\S+)/m;
    my $answer = $told->{answer}
                 // "HTTP/1.1 200 Connection established\r\n\r\n";
    $answer =~ s/%CREDENTIAL%/$credential/g;

    my $size = $told->{pieces} // length $answer;
    my $step;

    $step = sub {
        syswrite $fh, substr $answer, 0, $size, '';

        if (length $answer) {
            $self->after(0.001, $step);
            return;
        }

        $step = undef;
        $self->relay($fh, $told);
    };

    $told->{delay} ? $self->after($told->{delay}, $step) : $step->();
}


sub relay ($self, $fh, $told) {
    my $to = $told->{to} && IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $told->{to});

    return $self->end($fh) unless $to;

    my $left = $told->{cut} // 2 ** 40;

    for my $way ([ $fh, $to, 0 ], [ $to, $fh, 1 ]) {
        my ($from, $onto, $counted) = @$way;

        $self->on_read($from, sub {
            my $n = sysread $from, my $bytes, 65536;

            if ($counted && $n) {
                $bytes = substr $bytes, 0, $left;
                $left -= length $bytes;
            }

            if ($n) {
                $onto->blocking(1);
                syswrite $onto, $bytes;
            }

            $self->end($fh, $to) if !$n || $left <= 0;
        });
    }
}


sub end ($self, @fhs) {
    for my $fh (@fhs) {
        $self->forget($fh);
        close $fh;
    }
}


1;
