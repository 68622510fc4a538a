package Test::OAuthCC::Glewlwyd;

# A real authorization server: Debian's glewlwyd with its sqlite3 backend and
# the OpenID Connect plugin, in a temporary folder.  See t/idp/RealServer.pm
# for what can be done with it.  It differs from what RFC 6749 says:
#
#   - it takes id and secret of Basic as they are, not form-decoded;
#   - a login has to name a scope;
#   - a client that it does not let in gets 403 and no body, and the token
#     type is written "bearer";
#   - the audience of an assertion has to be the token endpoint.
#
# Whoever sends a proof (RFC 9449) has to put a nonce into it; spawn(uses => 5):
# each client another one after so many proofs.
#
# spawn(more => { NAME => { ... } }): more clients, as clients.json has them,
# but with token_endpoint_auth_method, and perhaps a pubkey in PEM.

use v5.36;

use Cwd qw(abs_path);
use File::Basename qw(dirname);

BEGIN { require(abs_path(dirname(__FILE__) . '/../../../idp/RealServer.pm')) }
use parent -norequire, 'Test::OAuthCC::RealServer';

use Digest::SHA qw(hmac_sha256_base64);
use File::Temp ();
use IO::Socket::INET;
use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use Time::HiRes qw(time sleep);

# its log level INFO tells of every login
my $config = <<'EOF';
port = %1$d
bind_address = "127.0.0.1"
external_url = "%2$s"
api_prefix = "api"
login_url = "login.html"
log_mode = "file"
log_level = "INFO"
log_file = "%3$s/glewlwyd.log"
cookie_domain = "127.0.0.1"
cookie_secure = 0
session_key = "session"
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "%4$s/user"
client_module_path = "%4$s/client"
user_auth_scheme_module_path = "%4$s/scheme"
plugin_module_path = "%4$s/plugin"
hash_algorithm = "SHA512"
database = { type = "sqlite3"; path = "%3$s/glewlwyd.db"; };
EOF

my $json = JSON::PP->new;
my ($yes, $no) = (JSON::PP::true, JSON::PP::false);


sub token_endpoint ($self) { return $self->url . '/api/oidc/token' }


sub introspection_endpoint ($self) {
    return $self->url . '/api/oidc/introspect';
}


sub version ($class) {
    my ($version) = `dpkg-query -W -f '\${Version}' glewlwyd` =~ /(\S+)/;
    return $version;
}


sub start ($self) {
    my @missing = grep { !Test::OAuthCC::RealServer::installed($_) }
                  qw(glewlwyd sqlite3);
    die "@missing: not installed; run: apt-get install "
        . "--no-install-recommends glewlwyd sqlite3 dbconfig-sqlite3\n"
        if @missing;

    my ($schema) = glob '/usr/share/doc/glewlwyd*/database/init.sqlite3.sql.gz';
    my ($modules) = grep { -d } '/usr/lib/glewlwyd', '/usr/local/lib/glewlwyd';

    die "glewlwyd's init.sqlite3.sql.gz is not there (installed without "
        . "/usr/share/doc?); run: apt-get install --reinstall -o "
        . "Dpkg::Options::=--path-include='/usr/share/doc/glewlwyd/*' "
        . "glewlwyd\n" unless $schema;

    $self->{key} = join '', map { sprintf '%08x', rand 2 ** 32 } 1 .. 4;
    $self->{dir} = File::Temp->newdir('glewlwyd-XXXXXXXX', TMPDIR => 1);
    $self->{port} //= IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                            Listen => 1)->sockport;

    my $dir = "$self->{dir}";

    my $out = `(echo 'PRAGMA synchronous = off; BEGIN;'; zcat $schema;
                echo 'COMMIT;') | sqlite3 -bail $dir/glewlwyd.db 2>&1`;
    die "sqlite3: $out" if $?;

    open my $conf, '>', "$dir/glewlwyd.conf" or die "glewlwyd.conf: $!";
    printf $conf $config, $self->{port}, $self->url, $dir, $modules;
    close $conf;

    open my $null, '<', '/dev/null' or die "/dev/null: $!";
    open my $output, '>', "$dir/output" or die "output: $!";

    $self->execute($null, $output, $output, 'glewlwyd',
                   "--config-file=$dir/glewlwyd.conf");

    my $end = time + 20;

    until ($self->{http}->get($self->url . '/config')->{status} == 200) {
        die "glewlwyd did not start:\n",
            map { -e ? Test::OAuthCC::Process::slurp($_) : () }
                "$dir/output", "$dir/glewlwyd.log"
            if time > $end || $self->ended;
        sleep 0.01;
    }

    $self->set_up;
}


# what an administrator does in the browser
sub set_up ($self) {
    my $r = $self->admin('auth', { username => 'admin',
                                   password => 'password' });

    ($self->{cookie}) = $r->{headers}{'set-cookie'} =~ /^([^;]+)/;

    $self->admin('mod/plugin', {
        module => 'oidc', name => 'oidc', display_name => 'oidc',
        order_rank => 0, readonly => $no,
        parameters => {
            iss => $self->url,
            'jwt-type' => 'sha', 'jwt-key-size' => '256',
            key => $self->{key},
            'access-token-duration' => $self->{ttl},
            'refresh-token-duration' => $self->{ttl},
            'refresh-token-rolling' => $no,
            'code-duration' => 60,
            'allow-non-oidc' => $yes,
            'auth-type-client-enabled' => $yes,
            'introspection-revocation-allowed' => $yes,
            'introspection-revocation-allow-target-client' => $yes,
            'introspection-revocation-auth-scope' => [],
            'request-parameter-allow' => $yes,
            'request-maximum-exp' => 3600,
            'client-pubkey-parameter' => 'pubkey',
            'auth-type-password-enabled' => $yes,
            'oauth-dpop-allowed' => $yes,
            'oauth-dpop-iat-duration' => 60,
            'oauth-dpop-nonce-mandatory' => $yes,
            'oauth-dpop-nonce-counter' => $self->{uses} // 60,
            (map { ("auth-type-$_-enabled" => $no) }
                qw(code token none device refresh)),
        },
    });

    for my $scope ('read', 'write') {
        $self->admin('scope', { name => $scope, display_name => $scope,
                                password_required => $no });
    }

    for my $name ($self->names) {
        $self->admin('client', {
            %{ $self->client($name) }, name => $name,
            confidential => $yes, enabled => $yes, redirect_uri => [],
            authorization_type => [ 'client_credentials', 'password' ],
            scope => $name eq 'plain' ? [ 'read' ] : [ 'read', 'write' ],
            token_endpoint_auth_method => [ 'client_secret_basic',
                                            'client_secret_post' ],
        });
    }

    $self->admin('user', { %{ $self->user }, name => 'Joe', enabled => $yes,
                           scope => [ 'read' ] });

    for my $name (sort keys %{ $self->{more} // {} }) {
        $self->admin('client', {
            %{ $self->{more}{$name} }, name => $name,
            confidential => $yes, enabled => $yes, redirect_uri => [],
            authorization_type => [ 'client_credentials' ],
            scope => [ 'read', 'write' ],
        });
    }
}


# who may be logged in as, by "grant_type password"
sub user ($self) {
    return { username => 'joe', password => "joe's passw0rd & more" };
}


# its password is no secret of a client
sub secrets ($self) {
    my $password = $self->user->{password};
    return $self->SUPER::secrets, $password,
           Test::OAuthCC::RealServer::form($password);
}


sub admin ($self, $what, $data) {
    my $r = $self->{http}->request(POST => $self->url . "/api/$what/", {
        content => $json->encode($data),
        headers => { 'Content-Type' => 'application/json',
                     $self->{cookie} ? (Cookie => $self->{cookie}) : () } });

    die "glewlwyd: $what: $r->{status} $r->{content}\n" unless $r->{success};

    return $r;
}


# from its log: a token was made for a client, or a client was not let in
sub logins ($self) {
    my $log = Test::OAuthCC::Process::slurp("$self->{dir}/glewlwyd.log");
    my @logins;

    for (split /\n/, $log) {
        if (/generated for client '(.*)' with scope list '(.*)', origin: \d/) {
            push @logins, { client_id => $1, scope => $2 };

        } elsif (/Authorization invalid for client_id (.*) at IP Address/) {
            push @logins, { client_id => $1, error => 'refused' };
        }
    }

    return @logins;
}


# Its tokens are JWTs.  They say which client they are for, what its
# introspection does for those that were fetched by Basic only.

sub introspect ($self, $token, @client) {
    my $answer = $self->SUPER::introspect($token, @client);

    return $answer unless $answer->{active};

    my ($signed, $claims, $signature)
        = $token =~ /^([\w-]+\.([\w-]+))\.([\w-]+)$/
        or die "glewlwyd: not a JWT\n";

    hmac_sha256_base64($signed, $self->{key}) eq $signature =~ tr{-_}{+/}r
        or die "glewlwyd: bad signature\n";

    return { %{ $json->decode(decode_base64($claims =~ tr{-_}{+/}r)) },
             %$answer };
}


# glewlwyd does not keep them
sub tokens ($self) { return }


1;
