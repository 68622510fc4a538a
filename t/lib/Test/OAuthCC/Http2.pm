package Test::OAuthCC::Http2;

# A connection of an HTTP/2 client, with prior knowledge, for many streams at
# once; enough of RFC 9113 for small bodies.  It goes into a loop of its user:
#
#   my $c = Test::OAuthCC::Http2->new(port => 8080);
#   my $stream = $c->request(POST => '/', '...');
#   $stream = $c->request(POST => '/', 'of no known length, ', open => 1);
#   $c->more($stream, 'and the rest');
#   $stream = $c->request(POST => '/', '', open => 1, length => 0);
#
#   $c->send if length $c->{out};       # when $c->{fh} is writable
#   $c->receive;                        # when it is readable
#
# or, where there is nothing else to do, $c->drive(sub { $stream->{done} }).
#
# A stream is a hash: done, status, body, error (why there is no status), and
# unread, if the server has said that it did not look at it (so it may be sent
# again).  No new streams if $c->{closing}; the connection is gone without fh.

use v5.36;

use Errno qw(EAGAIN EINPROGRESS);
use Socket qw(:DEFAULT IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);

use Test::OAuthCC::Client ();

use constant { DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4,
               PING => 6, GOAWAY => 7, WINDOW_UPDATE => 8,
               END_STREAM => 1, ACK => 1, END_HEADERS => 4 };

# statuses that HPACK has in its table
my %status = (0x88 => 200, 0x89 => 204, 0x8a => 206, 0x8b => 304,
              0x8c => 400, 0x8d => 404, 0x8e => 500);


sub new ($class, %arg) {
    my $self = bless { %arg, next => 1, streams => {}, in => '' }, $class;

    socket $self->{fh}, AF_INET, SOCK_STREAM, 0 or die "socket: $!";
    setsockopt $self->{fh}, IPPROTO_TCP, TCP_NODELAY, 1;
    $self->{fh}->blocking(0);

    $self->{out} = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                   . frame(SETTINGS, 0, 0, '')
                   . frame(WINDOW_UPDATE, 0, 0, pack 'N', 2 ** 30);

    connect($self->{fh}, pack_sockaddr_in($self->{port}, INADDR_LOOPBACK))
        or $!{EINPROGRESS} or $self->close("$!");

    return $self;
}


sub frame ($type, $flags, $stream, $payload) {
    return pack('CnCCN', length($payload) >> 16, length($payload) & 0xffff,
                $type, $flags, $stream) . $payload;
}


sub request ($self, $method, $uri, $body = undef, %arg) {
    my $id = $self->{next};
    $self->{next} += 2;

    my $length = $arg{length}
                 // (defined $body && !$arg{open} ? length $body : undef);

    my @headers = (':method' => $method, ':scheme' => 'http',
                   ':path' => $uri, ':authority' => 'localhost',
                   defined $length ? ('content-length' => $length) : ());

    # literal ones, not indexed
    my $block = join '', map { $_ % 2 ? () : pack('C C/a C/a', 0,
                               @headers[$_, $_ + 1]) } 0 .. $#headers;

    $self->{out} .= frame(HEADERS, END_HEADERS
                          | ($arg{open} || length($body // '')
                             ? 0 : END_STREAM), $id, $block);

    my $stream = { id => $id, body => '', done => 0 };
    $self->{streams}{$id} = $stream;

    $self->data($stream, $body // '', !$arg{open});

    $self->close('closed') unless $self->{fh};

    return $stream;
}


# ends what was opened
sub more ($self, $stream, $bytes) {
    if (length $bytes) {
        $self->data($stream, $bytes, 1);

    } else {
        $self->{out} .= frame(DATA, END_STREAM, $stream->{id}, '');
    }
}


sub data ($self, $stream, $bytes, $last) {
    my @pieces = unpack '(a16000)*', $bytes;

    while (@pieces) {
        my $piece = shift @pieces;
        $self->{out} .= frame(DATA, $last && !@pieces ? END_STREAM : 0,
                              $stream->{id}, $piece);
    }
}


sub send ($self) { return Test::OAuthCC::Client::send($self) }


sub receive ($self) {
    my $n = sysread $self->{fh}, $self->{in}, 262144, length $self->{in};

    return $!{EAGAIN} ? () : $self->close("$!") if !defined $n;

    while (length $self->{in} >= 9) {
        my ($high, $low, $type, $flags, $id) = unpack 'CnCCN', $self->{in};
        my $length = ($high << 16) + $low;
        last if length $self->{in} < 9 + $length;

        my $payload = substr $self->{in}, 9, $length;
        substr $self->{in}, 0, 9 + $length, '';

        $self->process($type, $flags, $id, $payload);
        return unless $self->{fh};
    }

    $self->close('closed') if $n == 0;
}


# sends and receives until this is true, or the connection is gone; false if
# that takes longer than so many seconds
sub drive ($self, $until, $seconds = 5) {
    my $end = time + $seconds;

    while ($self->{fh} && !$until->()) {
        return 0 if time > $end;

        vec(my $r = '', fileno $self->{fh}, 1) = 1;
        my $w = length $self->{out} ? $r : '';
        select $r, $w, undef, 0.01;

        $self->send if length $self->{out} && unpack '%32b*', $w;
        $self->receive if unpack '%32b*', $r;
    }

    return 1;
}


sub process ($self, $type, $flags, $id, $payload) {
    my $stream = $self->{streams}{$id};

    if ($type == SETTINGS && !($flags & ACK)) {
        $self->{out} .= frame(SETTINGS, ACK, 0, '');

    } elsif ($type == PING && !($flags & ACK)) {
        $self->{out} .= frame(PING, ACK, 0, $payload);

    } elsif ($type == GOAWAY) {
        my ($last) = unpack 'N', $payload;
        $self->{closing} = 1;

        for my $other (values %{ $self->{streams} }) {
            $self->end($other, 'goaway', 1) if $other->{id} > $last;
        }

        $self->close('closed') unless %{ $self->{streams} };

    } elsif (!$stream) {
        return;

    } elsif ($type == RST_STREAM) {
        my ($code) = unpack 'N', $payload;
        $self->end($stream, "reset $code", $code == 7);

    } elsif ($type == HEADERS && !$stream->{status}) {
        $stream->{status} = status($payload);
        $self->end($stream) if $flags & END_STREAM;

    } elsif ($type == DATA) {
        $stream->{body} .= $payload;
        $self->end($stream) if $flags & END_STREAM;
    }
}


# nginx sends it first, after what it has to say about the size of the table
sub status ($block) {
    my @bytes = unpack 'C*', $block;
    shift @bytes while @bytes && ($bytes[0] & 0xe0) == 0x20;

    return $status{ $bytes[0] } // 0 if ($bytes[0] // 0) & 0x80;

    return pack 'C*', @bytes[2 .. 4];
}


sub end ($self, $stream, $error = undef, $unread = 0) {
    delete $self->{streams}{ $stream->{id} };
    @{$stream}{qw(done error unread)} = (1, $error, $unread);
    $stream->{status} = 0 if defined $error;

    $self->close('closed') if $self->{closing} && !%{ $self->{streams} };
}


sub close ($self, $error) {
    close delete $self->{fh} if $self->{fh};
    $self->{closing} = 1;
    $self->end($_, $error) for values %{ $self->{streams} };
}


1;
