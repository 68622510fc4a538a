package Test::OAuthCC::BetterAuth;

# A real authorization server: npm's better-auth with its oauth-provider, as
# t/idp/better-auth.mjs sets it up.  It form-decodes id and secret of Basic, as
# RFC 6749 says, and takes the method only that a client is registered for,
# "token_endpoint_auth_method".  See ScriptServer.pm.

use v5.36;
use parent 'Test::OAuthCC::ScriptServer';


sub script ($class)  { return 'better-auth.mjs' }
sub package ($class) { return 'better-auth' }


sub issuer ($self)                 { return $self->url . '/api/auth' }
sub token_endpoint ($self)         { return $self->issuer . '/oauth2/token' }
sub introspection_endpoint ($self) { return $self->url . '/introspect' }


1;
