package Test::OAuthCC::OneToken;

# An authorization server that keeps one token a client, and its API: a login
# ends the token of the login before it.  At /token it is a TokenEndpoint; at all
# other paths it answers 200 to the present token and 401 to others.
#
#   my $server = $t->daemon(OneToken => 'idp');
#
#   $server->logins       logins
#   $server->refused      requests of the API that were answered 401
#   $server->clear        forgets both, the token stays good

use v5.36;
use parent 'Test::OAuthCC::TokenEndpoint';


####  in the test

sub logins ($self)  { return scalar $self->call('logins') }
sub refused ($self) { return scalar $self->call('refused') }


####  in the daemon

sub do_logins ($self)  { return $self->{nlogins} // 0 }
sub do_refused ($self) { return $self->{nrefused} // 0 }


sub do_clear ($self) {
    $self->{nlogins} = $self->{nrefused} = 0;
    return $self->SUPER::do_clear;
}


sub steps ($self, $request, $answer) {
    if ($request->{uri} =~ m{^/token}) {
        $self->{nlogins}++;
        return $self->SUPER::steps($request, $answer);
    }

    my $value = $self->header($request, 'Authorization') // '';
    my $present = $self->{tokens} ? $self->{tokens}[-1] : '';

    if ($value ne "Bearer $present") {
        $self->{nrefused}++;

        return $self->SUPER::steps($request, { status => 401,
            body => "refused\n", headers => [ 'WWW-Authenticate' =>
                                              'Bearer error="invalid_token"' ] });
    }

    return $self->SUPER::steps($request, { body => $request->{head} });
}


1;
