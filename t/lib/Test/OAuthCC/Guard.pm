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
# A recorded request has besides what a Server notes: token, and refused if it
# was.  With brief => 1 headers and body are not kept, for tests of very many
# requests, and the answer is a short one.

use v5.36;
use parent 'Test::OAuthCC::Upstream';


####  in the test

sub revoke ($self, @tokens) { $self->call(revoke => @tokens) }
sub restore ($self, @tokens) { $self->call(restore => @tokens) }
sub refusal ($self, $answer) { $self->call(refusal => $answer) }


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


sub steps ($self, $request, $answer) {
    my ($value) = map { $self->header($request, $_) }
                  qw(Authorization HTTP_AUTHORIZATION);

    ($request->{token}) = ($value // '') =~ /^Bearer (.+)/;

    if ($self->{revoked}{ $request->{token} // '' }) {
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


1;
