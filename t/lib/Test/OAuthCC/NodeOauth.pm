package Test::OAuthCC::NodeOauth;

# A real authorization server: npm's @node-oauth/oauth2-server, as
# t/idp/node-oauth.mjs sets it up.  It takes id and secret of Basic as they
# are.  See ScriptServer.pm.

use v5.36;
use parent 'Test::OAuthCC::ScriptServer';


sub script ($class)  { return 'node-oauth.mjs' }
sub package ($class) { return '@node-oauth/oauth2-server' }


sub token_endpoint ($self)         { return $self->url . '/token' }
sub introspection_endpoint ($self) { return $self->url . '/introspect' }


1;
