package Test::OAuthCC::ResourceServer;

# A strict resource server of DPoP, as t/idp/resource-server.mjs is one:
#
#   my $api = $t->daemon('ResourceServer', 'api', idp => $idp, nonce => 2000);
#
# nonce is how many milliseconds a nonce is the present one, without it none is
# wanted; origin is what it calls itself.
#
#   $api->requests      what it was asked so far, as hashes with method, url,
#                       status, why, token, proof, and the claims of that
#   $api->revoke        tokens that it has seen are refused from now on
#   $api->renew         nonces of the past are
#   $api->good($t, $name, $uri, method => 'PUT')
#                       tests that a request through the gateway of $t is
#                       accepted, and returns the last one of the above

use v5.36;
use parent 'Test::OAuthCC::ScriptServer';

use JSON::PP ();
use Test::More ();


sub script ($class)  { return 'resource-server.mjs' }
sub package ($class) { return 'oidc-provider' }


sub options ($self) {
    my $client = $self->{idp}->client('api');

    return '--as', $self->{idp}->introspection_endpoint,
           '--id', $client->{client_id}, '--secret', $client->{client_secret},
           '--nonce', $self->{nonce} // 0,
           $self->{origin} ? ('--origin', $self->{origin}) : ();
}


sub requests ($self) {
    my $r = $self->{http}->get($self->url . '/_log');
    die "/_log: $r->{status} $r->{content}\n" unless $r->{success};
    return @{ JSON::PP::decode_json($r->{content}) };
}


sub order ($self, $what) {
    my $r = $self->{http}->get($self->url . $what);
    die "$what: $r->{status} $r->{content}\n" unless $r->{success};
}


sub revoke ($self) { $self->order('/_revoke') }
sub renew ($self)  { $self->order('/_renew') }


sub good ($self, $t, $name, $uri, %arg) {
    my $method = delete $arg{method} // 'GET';
    my $r = $t->request($method => $uri, %arg);

    Test::More::is($r->status, 200, "$name: status")
        or Test::More::diag($r->body, $r->header('WWW-Authenticate') // '');

    return ($self->requests)[-1];
}


# no log may hold a token that it was shown, nor a proof, of which a hundred do
sub secrets ($self) {
    my @seen = $self->requests;
    my %shown = map { $_->{token} ? ($_->{token} => 1) : () } @seen;

    my @proofs = map { $_->{proof} // () } @seen;

    return keys %shown, @proofs > 100 ? @proofs[0 .. 49, -50 .. -1] : @proofs;
}


1;
