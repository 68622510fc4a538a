package Test::OAuthCC::Guard;

# An upstream that refuses tokens, as an API does whose authorization server
# has revoked them:
#
#   use Test::OAuthCC::Guard;
#   my $api = $t->daemon(Guard => 'api');
#
#   $api->revoke($idp->tokens);         # 401 to those, from now on
#   $api->refusal({ status => 403 });   # or so
#   $api->restore($idp->tokens);        # they are good again
#
#   $api->nonce('n-1', '/crm');         # the nonce of DPoP that is wanted there
#   $api->take;                         # the requests, which are forgotten
#
# A recorded request has besides what a Server notes: token, sent and
# gateway, which are its headers X-Sent and X-Gateway, and refused if it
# was; with DPoP proof, the claims of the proof, jwk, its key, and challenged if
# the nonce was not the one that is wanted.  With brief => 1 headers and body are
# not kept, for tests of very many requests, and the answer is a short one.

use v5.36;
use parent 'Test::OAuthCC::Upstream';

use JSON::PP ();
use MIME::Base64 qw(decode_base64url);


####  in the test

sub revoke ($self, @tokens) { $self->call(revoke => @tokens) }
sub restore ($self, @tokens) { $self->call(restore => @tokens) }
sub refusal ($self, $answer) { $self->call(refusal => $answer) }
sub nonce ($self, $nonce, @paths) { $self->call(nonce => $nonce, @paths) }
sub take ($self) { return $self->call('take') }


# a token's requests that were refused, or those of all tokens
sub refused ($self, $token = undef) {
    return grep { $_->{refused} && $_->{token} eq ($token // $_->{token}) }
           $self->requests;
}


####  in the daemon

sub do_revoke ($self, @tokens) {
    $self->{revoked}{$_} = 1 for @tokens;
    return;
}


sub do_restore ($self, @tokens) {
    delete $self->{revoked}{$_} for @tokens;
    return;
}


sub do_refusal ($self, $answer) {
    $self->{refusal} = $answer;
    return;
}


sub do_nonce ($self, $nonce, @paths) {
    $self->{nonce}{$_} = $nonce for @paths;
    return;
}


sub do_take ($self) { return @{ delete $self->{requests} // [] } }


sub steps ($self, $request, $answer) {
    my ($value) = map { $self->header($request, $_) }
                  qw(Authorization HTTP_AUTHORIZATION);

    ($request->{token}) = ($value // '') =~ /^(?:Bearer|DPoP) (.+)/;
    ($request->{token}) = $request->{uri} =~ /[?&]access_token=([^&]+)/
        if !defined $value;

    $request->{sent} = $self->header($request, 'X-Sent');
    $request->{gateway} = $self->header($request, 'X-Gateway');
    $self->read_proof($request);
    my ($path) = $request->{uri} =~ /^([^?]*)/;
    my $nonce = $self->{nonce}{$path};

    if (defined $nonce && ($request->{proof}{nonce} // '') ne $nonce) {
        $request->{challenged} = 1;
        $answer = {
            status => 401, body => "another nonce\n",
            headers => [ 'WWW-Authenticate' => 'DPoP error="use_dpop_nonce"',
                         'DPoP-Nonce' => $nonce ],
        };

    } elsif ($self->{revoked}{ $request->{token} // '' }) {
        $request->{refused} = 1;
        $answer = $self->{refusal} // {
            status => 401, body => "refused\n",
            headers => [ 'WWW-Authenticate' => 'Bearer error="invalid_token"' ],
        };

    } elsif ($self->{brief}) {
        $answer = { body => "ok\n", %$answer };
    }

    my @steps = $self->SUPER::steps($request, $answer);

    delete @{$request}{qw(head headers body)} if $self->{brief};

    return @steps;
}


# its signature is not looked at: Proof.pm does
sub read_proof ($self, $request) {
    my ($proof) = $self->header($request, 'DPoP') // return;
    my ($head, $claims) = map { eval { JSON::PP::decode_json($_) } // {} }
        map { decode_base64url($_) } (split /\./, "$proof..")[0, 1];

    $request->{proof} = $claims;
    $request->{jwk} = join ' ', map { "$_=$head->{jwk}{$_}" }
                      sort keys %{ $head->{jwk} };
}


1;
