package Test::OAuthCC::Audit;

# A token endpoint that keeps books, for tests of many logins:
#
#   use Test::OAuthCC::Audit;
#   my $idp = $t->daemon(Audit => 'idp');
#
#   $idp->only('/crm', 's3cret', ...);  # other credentials of Basic are refused
#   $idp->nonce('n-1', '/crm');    # the nonce that a proof of DPoP has to have
#   $idp->latest('crm');           # the last token of /crm that was sent whole
#   $idp->take;                    # what has ended, which is forgotten, as are
#                                  # tokens and what was sent
#
# With id => qr/(u\d+)/ it is not only the path that makes two logins the same,
# but also what that finds in the request; a recorded request has it as id.  The
# headers X-Sent and X-Gateway, if there are any, are sent and gateway; logins of
# several gateways are different ones.
#
# A recorded request has besides what a TokenEndpoint notes: ended, when its
# connection was closed; good, if all of a token was sent by then; and beside, a
# list of the times of the same logins that were not answered when it came,
# without those of whoever is not there any more.

use v5.36;
use parent 'Test::OAuthCC::TokenEndpoint';

use MIME::Base64 qw(decode_base64 decode_base64url);
use Socket qw(MSG_PEEK MSG_DONTWAIT);
use Time::HiRes qw(time);


sub only ($self, $path, @secrets) { $self->call(only => $path, @secrets) }
sub nonce ($self, $nonce, @paths) { $self->call(nonce => $nonce, @paths) }
sub latest ($self, $name) { return scalar $self->call(latest => $name) }
sub take ($self) { return scalar $self->call('take') }


####  in the daemon

sub do_only ($self, $path, @secrets) {
    $self->{only}{$path} = join '|', map { quotemeta } @secrets;
    return;
}


sub do_nonce ($self, $nonce, @paths) {
    $self->{nonce}{$_} = $nonce for @paths;
    return;
}


sub do_latest ($self, $name) { return $self->{latest}{$name} }


sub do_take ($self) {
    my $all = delete $self->{requests} // [];

    push @{ $self->{requests} }, grep { !$_->{ended} } @$all;

    return { requests => [ grep { $_->{ended} } @$all ],
             secrets => [ @{ delete $self->{tokens} // [] },
                          keys %{ delete $self->{sent} // {} } ] };
}


# tokens have other numbers after a take
sub fresh ($self, $request, $answer) {
    my $token = $self->SUPER::fresh($request, $answer);
    $self->{numbers}++;
    $token =~ s/^tok-\d+/tok-$self->{numbers}/;
    $self->{tokens}[-1] = $request->{token} = $token;
    return $token;
}


sub steps ($self, $request, $answer) {
    my ($path) = $request->{uri} =~ /^([^?]*)/;

    if ($self->{id}) {
        ($request->{id}) = "$request->{uri} $request->{body}" =~ $self->{id};
    }

    $request->{sent} = $self->header($request, 'X-Sent');
    $request->{gateway} = $self->header($request, 'X-Gateway');

    my @more = grep { defined } @{$request}{qw(id gateway)};
    my $what = join ' ', $request->{uri}, @more;
    $request->{what} = $what;

    $request->{beside} = [ map { $_->{request}{time} } grep {
        $_->{request} && $_->{request} != $request
            && $_->{request}{what} eq $what && is_there($_->{fh})
    } values %{ $self->{open} } ];

    my $only = $self->{only}{$path};

    if (defined $only) {
        my ($sent) = ($self->header($request, 'Authorization') // '')
                     =~ /^Basic (.*)/;
        $answer = { status => 401, body => '{"error":"invalid_client"}' }
            if decode_base64($sent // '') !~ /:(?:$only)\z/;
    }

    if (defined(my $nonce = $self->{nonce}{$path})) {
        my ($proof) = ($self->header($request, 'DPoP') // '') =~ /\.(.*)\./;
        my $claims = decode_base64url($proof // '');

        if ($claims !~ /"nonce": ?"\Q$nonce\E"/) {
            $request->{challenged} = 1;
            $answer = { status => 400, body => '{"error":"use_dpop_nonce"}',
                        headers => [ 'DPoP-Nonce' => $nonce ] };
        }
    }

    $request->{fault} = 1 if $answer->{status} || defined $answer->{raw}
        || defined $answer->{cut} || defined $answer->{reset};

    return $self->SUPER::steps($request, $answer);
}


# not so after a worker was killed
sub is_there ($fh) {
    my $got = recv $fh, my $byte, 1, MSG_PEEK | MSG_DONTWAIT;
    return defined $got ? length $byte : $!{EAGAIN};
}


sub finish ($self, $c) {
    if (my $request = $c->{request}) {
        $request->{ended} //= time;
        $request->{good} = 1 if $request->{token} && !$request->{fault}
            && !@{ $c->{steps} } && $c->{out} eq '';

        my ($name) = $request->{uri} =~ m{^/(\w+)};
        $self->{latest}{$name} = $request if $request->{good};
    }

    $self->SUPER::finish($c);
}


1;
