package Test::OAuthCC::RealServer;

# What the real authorization servers of the tests have in common; see
# ScriptServer.pm, what is derived from that, and Glewlwyd.pm.
#
#   my $idp = $t->daemon('OidcProvider', 'idp');    # 127.0.0.1:%%PORT_idp%%
#
#   $idp->token_endpoint        the URL that the gateway logs in at
#   $idp->client('odd')         id and secret of a client of clients.json
#   $idp->login_as('odd')       the same as directives of a provider block
#   $idp->logins                what the server says it was asked, as hashes
#                               with client_id, scope, and perhaps error
#   $idp->count                 how many that are
#   $idp->introspect($token)    what the server says of a token (RFC 7662)
#
# All strings are bytes.  A server that is not installed is no reason to skip
# a test: spawn() dies with the command that installs it.

use v5.36;

use parent 'Test::OAuthCC::Process';

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use HTTP::Tiny;
use JSON::PP ();
use List::Util qw(pairmap uniq);
use MIME::Base64 qw(encode_base64);

my $folder = abs_path(dirname(__FILE__));
my $json = JSON::PP->new;


sub folder ($class) { return $folder }


# spawn(listen => [ "127.0.0.1:8080" ], ttl => 300): without an address, any
# free port; ttl is how many seconds a token lives
sub spawn ($class, %arg) {
    my $self = $class->create(ttl => 300, %arg);

    if (my ($address) = @{ $arg{listen} // [] }) {
        $self->{port} = $class->port_of($address);
    }

    $self->{clients} = $json->decode(
        Test::OAuthCC::Process::slurp("$folder/clients.json"));
    $self->{http} = HTTP::Tiny->new(timeout => 10, no_proxy => [ '127.0.0.1' ]);

    $self->start;

    return $self;
}


sub installed ($program) {
    return grep { -x "$_/$program" } split /:/, $ENV{PATH};
}


####  clients

sub names ($self) { return sort keys %{ $self->{clients} } }


sub client ($self, $name) {
    return $self->{clients}{$name} // die "no client $name in clients.json\n";
}


sub login_as ($self, $name) {
    my $client = $self->client($name);

    return join ' ', map {
        my $value = $client->{$_} =~ s/([\\'])/\\$1/gr;
        "$_ '$value';"
    } qw(client_id client_secret);
}


# what no log may hold: the secrets, plain and as they travel, and the tokens
sub secrets ($self) {
    my @secrets;

    for my $client (values %{ $self->{clients} }) {
        my ($id, $secret) = @{$client}{qw(client_id client_secret)};
        my ($form_id, $form_secret) = map { form($_) } $id, $secret;

        push @secrets, $secret, $form_secret, $form_secret =~ s/%20/+/gr,
            encode_base64("$id:$secret", ''),
            encode_base64("$form_id:$form_secret", '');
    }

    return uniq @secrets, grep { defined } $self->tokens;
}


sub form ($bytes) {
    return $bytes =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger;
}


####  talking to the server

sub url ($self)   { return "http://127.0.0.1:$self->{port}" }
sub count ($self) { return scalar(my @logins = $self->logins) }


sub tokens ($self) { return map { $_->{token} } $self->logins }


# a login without the gateway: status and the decoded body, or its bytes
sub login ($self, $form, @headers) {
    my $r = $self->post($self->token_endpoint, $form, @headers);
    return $r->{status}, eval { $json->decode($r->{content}) } // $r->{content};
}


sub introspect ($self, $token, $name = 'api') {
    my $client = $self->client($name);

    my $r = $self->post($self->introspection_endpoint, [ token => $token,
        map { $_ => $client->{$_} } qw(client_id client_secret) ]);

    die "introspection: $r->{status} $r->{content}\n" unless $r->{success};

    my $said = $json->decode($r->{content});
    $said->{active} = $said->{active} ? 1 : 0;

    return $said;
}


sub post ($self, $url, $form, @headers) {
    return $self->{http}->request(POST => $url, {
        content => join('&', pairmap { form($a) . '=' . form($b) } @$form),
        headers => { 'Content-Type' => 'application/x-www-form-urlencoded',
                     @headers } });
}


1;
