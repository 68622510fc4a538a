package Test::OAuthCC::OidcProvider;

# A real authorization server: npm's oidc-provider, as t/idp/oidc-provider.mjs
# sets it up.  It form-decodes id and secret of Basic, as RFC 6749 says.  See
# ScriptServer.pm; its logins have resource too.
#
# spawn(tls => { ... }): a port with TLS, as oidc-provider.mjs says.

use v5.36;
use parent 'Test::OAuthCC::ScriptServer';


sub script ($class)  { return 'oidc-provider.mjs' }
sub package ($class) { return 'oidc-provider' }


sub token_endpoint ($self) { return $self->url . '/token' }


sub introspection_endpoint ($self) {
    return $self->url . '/token/introspection';
}


1;
