package Test::OAuthCC::Server;

# An HTTP/1.1 server of a test that records every request and answers as it is
# told to; the token endpoint and the upstream are two of them.
#
#   $s->answer({ status => 500 });              # to every request from now on
#   $s->answer('/crm', { hold => 1 }, {});      # by path: first, then the rest
#   $s->answer('~scope=bad', { status => 400 }) # by what "URI BODY" matches;
#   $s->answer('~scope=bad');                   # and as the others again
#
# An answer is a hash:
#
#   status, headers   200; [ name => value, ... ] besides the framing ones
#   body              bytes; a class derived from this one has a default
#   framing           "length" (default), "chunked" or "close"
#   pieces, pause     the body is written in pieces of so many bytes (and so
#                     chunked), with a pause of so many seconds in between
#   split             the head is written in pieces of so many bytes
#   delay             seconds before the first byte
#   hold              no byte until the test calls $s->release
#   hang              no byte, ever
#   cut               close after so many bytes of the body
#   reset             a TCP reset after so many bytes of the body
#   raw               these bytes instead of all that, then close
#
# What it saw: $s->requests, each a hash of method, uri, version, headers
# ([[ name, value ], ...]), head (as it came), body (of up to 64k), length,
# md5, connection, peer (its port), time; $s->count; $s->stats.

use v5.36;
use parent 'Test::OAuthCC::Daemon';

use Digest::MD5 qw(md5_hex);
use Errno qw(EAGAIN);
use Socket qw(SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);


####  in the test

sub answer ($self, @answers) {
    my $path = ref $answers[0] ? '*' : shift @answers;
    $self->call(answer => $path, @answers);
}


sub requests ($self) { return $self->call('requests') }
sub count ($self)    { return scalar $self->call('count') }
sub stats ($self)    { return scalar $self->call('stats') }
sub clear ($self)    { $self->call('clear') }
sub release ($self)  { $self->call('release') }
sub refuse ($self)   { $self->call('close') }
sub resume ($self)   { $self->call('open') }


sub last_request ($self) { return ($self->requests)[-1] }


# all values of a header of a recorded request
sub header ($class, $request, $name) {
    my @values = map { $_->[1] } grep { lc $_->[0] eq lc $name }
                 @{ $request->{headers} };
    return wantarray ? @values : $values[0];
}


# waits for the n-th request; false if it does not come
sub wait_count ($self, $n, $seconds = 5) {
    my $end = time + $seconds;

    while ($self->count < $n) {
        return 0 if time > $end;
        select undef, undef, undef, 0.005;
    }

    return 1;
}


####  in the daemon

sub do_answer ($self, $path, @answers) {
    if ($path =~ s/^~//) {
        $self->{matches}{$path} = [ @answers ];
        delete $self->{matches}{$path} unless @answers;
        return;
    }

    $self->{answers}{$path} = [ @answers ];
    return;
}


sub do_requests ($self) { return @{ $self->{requests} // [] } }
sub do_count ($self)    { return scalar @{ $self->{requests} // [] } }


sub do_clear ($self) {
    $self->{requests} = [];
    $self->{most} = 0;
    return;
}


sub do_release ($self) {
    delete $_->{held} and $self->advance($_) for values %{ $self->{open} };
    return;
}


# connections: accepted ever, open now, gone while a request was unanswered;
# the most requests that have waited for an answer at once, and bytes that came
sub do_stats ($self) {
    return { accepted => $self->{accepted} // 0,
             most => $self->{most} // 0,
             bytes => $self->{bytes} // 0,
             open => scalar keys %{ $self->{open} // {} },
             left => $self->{left} // 0 };
}


sub accepted ($self, $fh) {
    my $c = { fh => $fh, in => '', out => '', steps => [],
              peer => $fh->can('peerport') && $fh->peerport,
              id => ++$self->{accepted} };

    setsockopt($fh, IPPROTO_TCP, TCP_NODELAY, 1);

    $self->{open}{$c->{id}} = $c;
    $self->on_read($fh, sub { $self->readable($c) });
}


sub readable ($self, $c) {
    my $n = sysread $c->{fh}, $c->{in}, 65536, length $c->{in};

    return if !defined $n && $!{EAGAIN};

    if (!$n) {
        $self->{left}++ if $c->{request};
        return $self->finish($c);
    }

    $self->{bytes} += $n;
    $self->next_request($c);
}


sub next_request ($self, $c) {
    return if $c->{request};

    my $request = $self->parse($c) // return;

    $request->{connection} = $c->{id};
    $request->{peer} = $c->{peer};
    $request->{time} = time;
    $request->{length} = length $request->{body};
    $request->{md5} = md5_hex($request->{body});
    substr($request->{body}, 65536) = '' if $request->{length} > 65536;

    my ($path) = $request->{uri} =~ /^([^?]*)/;
    my ($match) = grep { "$request->{uri} $request->{body}" =~ /$_/ }
                  sort keys %{ $self->{matches} // {} };
    my $list = defined $match ? $self->{matches}{$match}
             : $self->{answers}{$path} // $self->{answers}{'*'} // [ {} ];
    my $answer = @$list > 1 ? shift @$list : $list->[0];

    $c->{request} = $request;
    $c->{steps} = [ $self->steps($request, $answer) ];
    push @{ $self->{requests} }, $request;

    my $n = grep { $_->{request} } values %{ $self->{open} };
    $self->{most} = $n if $n > ($self->{most} // 0);

    $self->advance($c);
}


# one HTTP request out of the connection's input, or nothing yet
sub parse ($self, $c) {
    if (!$c->{head}) {
        my $end = index $c->{in}, "\r\n\r\n";
        return if $end < 0;

        $c->{head} = substr $c->{in}, 0, $end + 2, '';
        substr $c->{in}, 0, 2, '';

        my ($line, @lines) = split /\r\n/, $c->{head};
        my ($method, $uri, $version) = split / /, $line, 3;

        $c->{parsed} = { method => $method, uri => $uri, body => '',
                         version => $version, head => $c->{head},
                         headers => [ map { [ split /:[ ]?/, $_, 2 ] }
                                      @lines ] };
    }

    my $request = $c->{parsed};
    my $length = $self->header($request, 'Content-Length') // 0;

    if (($self->header($request, 'Transfer-Encoding') // '') eq 'chunked') {
        for ( ;; ) {
            $c->{in} =~ /^([0-9a-f]+)[^\r\n]*\r\n/i or return;
            my ($size, $from) = (hex $1, $+[0]);
            return if length $c->{in} < $from + $size + 2;
            $request->{body} .= substr $c->{in}, $from, $size;
            substr $c->{in}, 0, $from + $size + 2, '';
            last if $size == 0;
        }

    } else {
        return if length $c->{in} < $length;
        $request->{body} = substr $c->{in}, 0, $length, '';
    }

    delete @{$c}{qw(head parsed)};
    return $request;
}


# what to do with the connection, one after the other, for an answer
sub steps ($self, $request, $answer) {
    my @steps;

    return [ 'hang' ] if $answer->{hang};

    push @steps, [ 'hold' ] if $answer->{hold};
    push @steps, [ sleep => $answer->{delay} ] if $answer->{delay};

    if (defined $answer->{raw}) {
        return @steps, [ send => $answer->{raw} ], [ 'close' ];
    }

    my ($head, $body) = $self->message($request, $answer);
    my $framing = $answer->{framing} // 'length';

    for ($answer->{cut}, $answer->{reset}) {
        $body = substr $body, 0, $_ if defined $_;
    }

    my $size = $answer->{pieces} || length $body || 1;
    my @pieces = unpack "(a$size)*", $body;

    if ($framing eq 'chunked') {
        $_ = sprintf("%x\r\n%s\r\n", length $_, $_) for @pieces;
        push @pieces, "0\r\n\r\n"
            unless defined $answer->{cut} || defined $answer->{reset};
    }

    my @head = $answer->{split} ? unpack "(a$answer->{split})*", $head : $head;

    # two writes at once may be read as one
    push @steps, map { [ send => $_ ], [ sleep => 0.002 ] } @head[0 .. $#head - 1];
    push @steps, [ send => $head[-1] ];

    for my $piece (@pieces) {
        push @steps, [ sleep => $answer->{pause} ] if $answer->{pause};
        push @steps, [ send => $piece ];
    }

    # a reset right after a byte may overtake it
    return @steps, [ sleep => 0.02 ], [ 'reset' ] if defined $answer->{reset};

    return @steps, [ $self->keeps($request, $answer) ? 'next' : 'close' ];
}


# whether the connection stays after the answer
sub keeps ($self, $request, $answer) {
    return $request->{version} eq 'HTTP/1.1'
        && ($answer->{framing} // '') ne 'close'
        && !defined $answer->{cut}
        && lc($self->header($request, 'Connection') // '') ne 'close';
}


# the head and the whole body of an answer
sub message ($self, $request, $answer) {
    my $status = $answer->{status} // 200;
    my $body = $answer->{body} // $self->default_body($request, $answer);
    my @headers = @{ $answer->{headers} // [] };
    my $framing = $answer->{framing} // 'length';

    push @headers, 'Content-Length' => length $body if $framing eq 'length';
    push @headers, 'Transfer-Encoding' => 'chunked' if $framing eq 'chunked';
    push @headers, 'Connection' => 'close'
        unless $self->keeps($request, $answer);

    unless (grep { lc $_ eq 'content-type' } @headers) {
        push @headers, 'Content-Type' => $self->content_type;
    }

    my $head = "HTTP/1.1 $status Status\r\n";
    $head .= shift(@headers) . ': ' . shift(@headers) . "\r\n" while @headers;

    $body = '' if $request->{method} eq 'HEAD';

    return "$head\r\n", $body;
}


sub content_type ($self) { return 'text/plain' }
sub default_body ($self, $request, $answer) { return "ok\n" }


sub advance ($self, $c) {
    while (!$c->{closed} && !$c->{held} && !$c->{asleep}) {

        if (length $c->{out}) {
            my $n = syswrite $c->{fh}, $c->{out};

            if (!defined $n && $!{EAGAIN}) {
                $self->on_write($c->{fh}, sub { $self->advance($c) });
                return;
            }

            return $self->finish($c) unless $n;

            $self->on_write($c->{fh}, undef);
            substr $c->{out}, 0, $n, '';
            next;
        }

        my ($step, $value) = @{ shift @{ $c->{steps} } // return };

        if ($step eq 'send') {
            $c->{out} = $value;

        } elsif ($step eq 'sleep') {
            $c->{asleep} = 1;
            $self->after($value, sub {
                delete $c->{asleep};
                $self->advance($c);
            });

        } elsif ($step eq 'hold') {
            $c->{held} = 1;

        } elsif ($step eq 'reset') {
            setsockopt $c->{fh}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
            return $self->finish($c);

        } elsif ($step eq 'close') {
            return $self->finish($c);

        } elsif ($step eq 'next') {
            delete $c->{request};
            return $self->next_request($c);

        } else {    # hang
            return;
        }
    }
}


sub finish ($self, $c) {
    return if $c->{closed}++;
    delete $self->{open}{$c->{id}};
    $self->forget($c->{fh});
    close $c->{fh};
}


1;
