package Test::OAuthCC::Resolver;

# A scripted DNS server over UDP.
#
#   my $dns = $t->resolver('dns');                  # at 127.0.0.1:%%PORT_dns%%
#   $dns->set('idp.test', '127.0.0.1', 1);          # address, ttl
#   $dns->set('idp.test', [ '127.0.0.1', ... ], 1); # several
#   $dns->set('idp.test');                          # NXDOMAIN
#   $dns->silent(1);                                # no answer at all
#   $dns->queries                                   # names asked for an A

use v5.36;
use parent 'Test::OAuthCC::Daemon';

use Socket qw(inet_aton);


sub set ($self, @record)   { $self->call(set => @record) }
sub silent ($self, $flag)  { $self->call(silent => $flag) }
sub queries ($self)        { return $self->call('queries') }


sub do_queries ($self)       { return @{ $self->{queries} // [] } }
sub do_silent ($self, $flag) { $self->{silent} = $flag; return }


sub do_set ($self, $name, $address = undef, $ttl = 1) {
    $self->{records}{$name} = $address && [ $address, $ttl ];
    return;
}


sub datagram ($self, $fh) {
    my $from = recv($fh, my $query, 512, 0) // return;
    my ($id) = unpack 'n', $query;
    my ($at, @labels) = (12);

    while (my $length = ord substr $query, $at, 1) {
        push @labels, substr $query, $at + 1, $length;
        $at += 1 + $length;
    }

    my $question = substr $query, 12, $at + 5 - 12;
    my $name = join '.', @labels;
    my ($type) = unpack 'n', substr $query, $at + 1, 2;

    push @{ $self->{queries} }, $name if $type == 1;
    return if $self->{silent};

    my $record = $self->{records}{$name};
    my @answers = $record && $type == 1
        ? map { pack 'n n n N n a4', 0xc00c, 1, 1, $record->[1], 4,
                     inet_aton($_) }
              ref $record->[0] ? @{ $record->[0] } : $record->[0]
        : ();

    send $fh, pack('n6', $id, $record ? 0x8180 : 0x8183, 1, scalar @answers,
                   0, 0) . join('', $question, @answers),
         0, $from;
}


1;
