package Test::OAuthCC::Load;

# Clients that go on until they are told to stop, in a process of their own, and
# note what became of each request:
#
#   my $load = Test::OAuthCC::Load->start(
#       rate => 200,                            # a second; undef: no pause
#       lanes => [ { port => 8080, uri => '/', clients => 4 },
#                  { port => 8081, uri => '/x', http => 2, clients => 8,
#                    method => 'POST', body => '...' } ]);
#   my @records = $load->stop;
#
# HTTP/1.1 connections are kept, and one with "close => 1" is not; the clients
# of an HTTP/2 lane are streams of one connection.  uri and headers may be
# functions of how many requests the lane has sent.  With leave => 0.1 a tenth of
# the clients of HTTP/1.1 go away within half a second, and leave no record.  A
# record is a hash: lane (its place in the list), uri, start, time, status (0:
# none, and error says why), again (how often it was sent again, since the server
# had closed the connection without a byte), broke (a list of these: time, error,
# worker, time at which the connection was opened), worker (who has served this
# connection so far, from the X-Worker header).
#
# $load->take returns the records so far, and those are no longer kept.

use v5.36;

use POSIX ();
use Storable qw(nstore_fd fd_retrieve);
use Time::HiRes qw(time);

use Test::OAuthCC::Client;
use Test::OAuthCC::Http2;


sub start ($class, %arg) {
    pipe my $stop, my $stopper or die "pipe: $!";
    pipe my $result, my $writer or die "pipe: $!";

    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        close $_ for $stopper, $result;
        $SIG{PIPE} = 'IGNORE';

        $writer->autoflush(1);
        my $self = bless { timeout => 10, %arg, records => [],
                           writer => $writer }, $class;
        eval { $self->generate($stop); 1 } or print STDERR "$class: $@";
        nstore_fd($self->{records}, $writer);
        close $writer;
        POSIX::_exit(0);
    }

    close $_ for $stop, $writer;

    return bless { stopper => $stopper, result => $result, pid => $pid },
                 $class;
}


sub take ($self) {
    syswrite $self->{stopper}, 't';
    return @{ fd_retrieve($self->{result}) };
}


sub stop ($self) {
    # a later one has this pipe open too
    syswrite $self->{stopper}, 'x';
    close delete $self->{stopper};
    my $records = fd_retrieve($self->{result});
    waitpid $self->{pid}, 0;

    return @$records;
}


####  in the process

sub generate ($self, $stop) {
    my @lanes = map { my $n = $_; my %lane = %{ $self->{lanes}[$n] };
                      my $shared = { %lane, lane => $n };
                      map { { conf => $shared } } 1 .. $lane{clients} // 1 }
                0 .. $#{ $self->{lanes} };

    # so that a rate is spread over all lists of clients
    my %place;
    @lanes = sort { $a->{at} <=> $b->{at} }
             map { $_->{at} = $place{ $_->{conf}{lane} }++
                              / ($_->{conf}{clients} // 1); $_ } @lanes;

    my @idle = @lanes;
    my $due = time;
    my $ending = 0;

    while (!$ending || @idle < @lanes) {
        my $now = time;

        while (!$ending && @idle && (!$self->{rate} || $due <= $now)) {
            $self->begin(shift @idle);
            $due += 1 / $self->{rate} if $self->{rate};
        }

        # nobody to send them: they are late, not lost
        $due = $now if $due < $now - 1;

        my $wait = $self->{rate} && !$ending ? $due - time : 0.05;
        $self->turn($stop, $wait < 0 ? 0 : $wait > 0.05 ? 0.05 : $wait);

        $ending ||= $self->told($stop);

        for my $lane (grep { $_->{busy} } @lanes) {
            push @idle, $lane if $self->ended($lane);
        }

        die "clients do not end\n"
            if $ending && ($self->{stopped} //= $now) < $now - 30;
    }
}


# whether this is the end
sub told ($self, $stop) {
    vec(my $r = '', fileno $stop, 1) = 1;
    return 0 if select($r, undef, undef, 0) <= 0;

    sysread $stop, my $what, 1;
    return 1 if ($what // '') ne 't';

    nstore_fd($self->{records}, $self->{writer});
    $self->{records} = [];

    return 0;
}


# one round of reading and writing
sub turn ($self, $stop, $wait) {
    my ($r, $w, %by_fd) = ('', '');

    vec($r, fileno $stop, 1) = 1 unless $self->{stopped};

    for my $c (values %{ $self->{connections} }) {
        my $fd = fileno($c->{fh} // next);
        vec($r, $fd, 1) = 1;
        vec($w, $fd, 1) = 1 if length $c->{out};
        $by_fd{$fd} = $c;
    }

    return if select($r, $w, undef, $wait) <= 0;

    for my $fd (keys %by_fd) {
        my $c = $by_fd{$fd};
        $c->send if vec($w, $fd, 1);
        $c->receive if $c->{fh} && vec($r, $fd, 1);
    }
}


sub begin ($self, $lane) {
    my $conf = $lane->{conf};

    my $n = $conf->{sent}++;
    my ($uri, $headers) = map { ref $_ eq 'CODE' ? $_->($n) : $_ }
                          @{$conf}{qw(uri headers)};

    $lane->{headers} = $headers;
    $lane->{busy} = { lane => $conf->{lane}, start => time, again => 0,
                      uri => $uri };
    $lane->{leaves} = time + rand 0.5
        if $conf->{leave} && rand() < $conf->{leave};
    $self->attempt($lane);
}


sub attempt ($self, $lane) {
    my $conf = $lane->{conf};
    my @request = ($conf->{method} // 'GET', $lane->{busy}{uri});

    if (($conf->{http} // 1) == 2) {
        my $c = $conf->{connection};

        if (!$c || $c->{closing}) {
            $c = Test::OAuthCC::Http2->new(port => $conf->{port});
            $c->{opened} = time;
            $conf->{connection} = $c;
            $self->{connections}{$c} = $c;
        }

        $lane->{reused} = $c->{served};
        $lane->{connection} = $c;
        $lane->{stream} = $c->request(@request, $conf->{body});
        $c->send if $c->{fh};
        return;
    }

    my $c = $lane->{connection} //= Test::OAuthCC::Client->new(
        port => $conf->{port}, keepalive => !$conf->{close});

    $self->{connections}{$c} = $c;
    $lane->{reused} = $c->{fh} ? 1 : 0;

    if (!$c->{fh}) {
        $lane->{worker} = undef;
        $c->{opened} = time;
    }

    $c->start(@request, defined $conf->{body} ? (body => $conf->{body}) : (),
              $lane->{headers} ? (headers => $lane->{headers}) : ());
}


# whether the lane's request has ended for good
sub ended ($self, $lane) {
    my $record = $lane->{busy};
    my $c = $lane->{connection};
    my $stream = $lane->{stream};

    if ($lane->{leaves} && time > $lane->{leaves}) {
        $c->leave;
        delete $self->{connections}{$c};
        delete @{$lane}{qw(busy leaves)};
        return 1;

    } elsif (time - $record->{start} > $self->{timeout}) {
        @{$record}{qw(status error)} = (0, 'timeout');

        # others of the connection are no better
        $stream ? $c->close('timeout') : $c->leave;
        delete $self->{connections}{$c};

    } elsif ($stream) {
        return 0 unless $stream->{done};

        delete $self->{connections}{$c} unless $c->{fh};

        if (!$stream->{status}) {
            my $unseen = $stream->{unread}
                || $lane->{reused} && !length $stream->{body};
            return $self->again($lane, $stream->{error}) if $unseen;
        }

        $c->{served} = 1 if $stream->{status};
        @{$record}{qw(status error)} = @{$stream}{qw(status error)};

    } else {
        return 0 unless $c->{done};

        delete $self->{connections}{$c} unless $c->{fh};
        my $response = $c->{response};

        if (!$response->status && $lane->{reused}
            && ($response->{in} // '') eq '')
        {
            return $self->again($lane, $response->error);
        }

        $lane->{worker} = $response->header('X-Worker') // $lane->{worker};
        @{$record}{qw(status error worker)}
            = ($response->status, $response->error, $lane->{worker});

        $record->{retry_after} = $response->header('Retry-After')
            if $response->status == 503;
        $record->{body} = substr $response->body, 0, 200
            if $response->status != 200;
    }

    $record->{time} = time - $record->{start};
    push @{ $self->{records} }, $record;
    delete @{$lane}{qw(busy stream leaves)};

    return 1;
}


# the server had closed the connection, or was about to
sub again ($self, $lane, $error) {
    my $record = $lane->{busy};

    $record->{again}++;
    push @{ $record->{broke} }, [ time, $error, $lane->{worker},
                                  $lane->{connection}{opened} ];
    delete $lane->{stream};

    if ($record->{again} > 3) {
        @{$record}{qw(status error time)} = (0, $error,
                                             time - $record->{start});
        push @{ $self->{records} }, $record;
        delete $lane->{busy};
        return 1;
    }

    $self->attempt($lane);

    return 0;
}


1;
