#!/usr/bin/perl

# Tests for values that come from files and the environment: wherever a text is
# wanted they are read, and what an editor, a copy or a habit leaves in them is
# told by nginx -t.  No message holds the value itself.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 ();
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my %file = (
    good => "hush-hush\n", dos => "hush-hush\r\n", bom => "\xef\xbb\xbfhush-hush\n",
    lines => "hush-hush\n\n", blank => "hush-hush \n", tab => "hush-hush\t",
    before => " hush-hush\n", scope => "read write\n", url => '',
    two_lines => "read\nwrite\n", kid => "the-kid\n",
    resource => "urn:of-a-file\n",
);

$t->write_file($_, $file{$_}) for keys %file;
$t->write_file('url', 'http://127.0.0.1:' . $t->port('idp') . "/url\n");
$t->openssl('genpkey -algorithm ED25519 -out key.pem');
$t->write_file('key_lines.pem', $t->read_file('key.pem') . "\n\n");

my $prefix = $t->prefix;
my $endpoint = 'token_endpoint http://127.0.0.1:%%PORT_idp%%;';
my $plain = "$endpoint client_id gateway;";

my $config = sub ($block) {
    return $t->fill(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    oauthcc_provider crm {
        $block
    }
    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc crm;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF
};


####  what nginx -t says; undef: nothing

my @warnings = (
    [ 'a file', "$plain client_secret file:good;" ],
    [ 'of Windows', "$plain client_secret file:dos;" ],
    [ 'a byte order mark', "$plain client_secret file:bom;",
      qr{"client_secret"\ directive:\ file\ "\Q$prefix\E/bom"\ begins\ with\ a\ byte
         \ order\ mark,}x ],
    [ 'two line ends', "$plain client_secret file:lines;",
      qr/"client_secret".*lines" ends with .*line end/ ],
    [ 'a blank', "$plain client_secret file:blank;", qr/ends with a blank/ ],
    [ 'a tab', "$plain client_secret file:tab;", qr/ends with a blank/ ],
    [ 'a blank before', "$plain client_secret file:before;",
      qr/begins with a blank/ ],
    [ 'of a param', "$plain client_secret x; param a file:lines;",
      qr/"param" directive: file/ ],
    [ 'two lines', "$plain client_secret file:two_lines;",
      qr/"client_secret" directive: file .*two_lines" has more than one line,/ ],
    [ 'an attribute of two lines', "$plain client_secret x;
       param a file:two_lines;" ],
    [ 'of the environment', "$plain client_secret env:HUSH_GOOD;" ],
    [ 'with a line end', "$plain client_secret env:OAUTHCC_LINE;",
      qr/"client_secret".*variable "OAUTHCC_LINE" ends with a line end,/ ],
    [ 'with a blank', "$plain client_secret x; param a env:OAUTHCC_BLANK;",
      qr/"param".*variable "OAUTHCC_BLANK" ends with a blank,/ ],
    [ 'PEM', "$plain auth_method private_key_jwt;
       assertion_key key_lines.pem;" ],

    [ 'a path', "$plain client_secret /run/secrets/hush-hush;",
      qr/"client_secret" directive: the value is a path, .*"file:"/ ],
    [ 'one that is there', "$plain client_secret $prefix/good;",
      qr/the value is a path/ ],
    [ 'of a password', "$plain client_secret x; grant_type password;
       username joe; password /run/secrets/hush-hush;",
      qr/"password" directive: the value is a path/ ],
    (map { [ $_, "$plain client_secret x; $_ /run/secrets/hush-hush;
             @{[ /^dpop/ ? 'dpop on; dpop_key key_lines.pem;'
                 : /^forward/ ? 'forward_proxy http://joe@127.0.0.1:1; allow_http on;'
                 : '' ]}",
             qr/"$_" directive: the value is a path/ ] }
        qw(dpop_key_password forward_proxy_password)),
    [ 'meant so', "$plain client_secret literal:/run/secrets/hush-hush;" ],
    [ 'Base64', "$plain client_secret /hush/hush+42==;" ],
    [ 'an audience', "$plain client_secret x; audience /var/hush-hush;" ],

    [ 'a variable', "$plain client_secret \$HUSH_HUSH;",
      qr/"client_secret" directive: the value is taken as it is, .*env:/
    ],
    [ 'with braces', "$plain client_secret \${HUSH_HUSH};",
      qr/the value is taken as it is/ ],
    [ 'a scope', "$plain client_secret x; scope \$HUSH_HUSH;",
      qr/"scope" directive: the value is taken/ ],
    [ 'a header', "$plain client_secret x; header X \$HUSH_HUSH;",
      qr/"header" directive: the value is taken/ ],
    [ 'a secret with a dollar', "$plain client_secret 'hush\$hush';" ],
    [ 'one at its beginning', "$plain client_secret '\$hush-hush';" ],
    [ 'a number', "$plain client_secret '\$4hush';" ],
    [ 'a variable that is one', "token_endpoint
       http://127.0.0.1:%%PORT_idp%%/\$arg_x; client_id gateway;
       client_secret x;" ],
);

# as "echo hush-hush | base64" makes it for Kubernetes
my %env = (HUSH_GOOD => 'hush-hush', OAUTHCC_LINE => "hush-hush\n",
           OAUTHCC_BLANK => 'hush-hush ');

for my $case (@warnings) {
    my ($name, $block, $re) = @$case;
    my ($failed, $out) = $t->check($config->($block), %env);

    ok(!$failed, "$name: may be") or diag($out);

    my @warned = grep { /\[warn\]/ } split /\n/, $out;
    is(@warned, $re ? 1 : 0, "$name: warnings") or diag($out);
    like("@warned", $re, "$name: what it is") if $re;
    unlike($out, qr/hush|HUSH/, "$name: the value is not shown");
}


####  what cannot be read

for ([ 'token_endpoint env:NOT_THERE;', qr/"token_endpoint" directive: .*NOT_T/ ],
     [ 'issuer file:nothing;', qr/"issuer" directive: .*nothing/ ],
     [ "$endpoint scope file:two_lines;", qr/scope.*control characters/ ],
     [ "$endpoint scope env:NOT_THERE;", qr/"scope" directive: .*NOT_THERE/ ],
     [ 'token_endpoint file:good;', qr/"token_endpoint" directive: what "file:good" holds/ ])
{
    my ($block, $re) = @$_;
    my ($failed, $out) = $t->check($config->("$block client_id x;
                                          client_secret x;"));

    ok($failed, "$block: cannot be");
    like($out, $re, 'and why');
}


####  what is sent

$t->secret('hush-hush');

$t->run($config->("token_endpoint file:url; client_id gateway;
                   client_secret file:good; scope env:OAUTHCC_SCOPE;
                   audience env:OAUTHCC_AUDIENCE; resource file:resource;
                   grant_type env:OAUTHCC_GRANT; backoff 1ms 1ms;"),
        OAUTHCC_SCOPE => 'of the environment', OAUTHCC_AUDIENCE => 'aud',
        OAUTHCC_GRANT => 'urn:grant');

is($t->get('/')->status, 200, 'a login');

my $login = $idp->last_request;

is($login->{uri}, '/url', 'at the URL of a file');
is($login->{body}, 'grant_type=urn%3Agrant&scope=of%20the%20environment'
                   . '&audience=aud&resource=urn%3Aof-a-file',
   'with texts of the environment and of files');

# a scope is read again, a URL with the configuration

my $other = sub ($scope) {
    return $config->("token_endpoint file:url; client_id gateway;
        client_secret file:good; scope $scope; refresh_before 0;");
};

$idp->answer('/url', { json => { expires_in => 1 } });
$idp->answer('/other', { json => { expires_in => 1 } });
ok($t->reload($other->('file:scope')), 'a reload');
ok($t->wait_for(sub { $t->get('/');
                      $idp->last_request->{body} =~ /scope=read%20write/ }, 10),
   'a scope of a file');

$t->write_file('scope', "admin\n");
$t->write_file('url', 'http://127.0.0.1:' . $t->port('idp') . "/other\n");

ok($t->wait_for(sub { $t->get('/');
                      $idp->last_request->{body} =~ /scope=admin/ }, 10),
   'is read again');
is($idp->last_request->{uri}, '/url', 'the URL is not');

ok($t->reload, 'but by a reload');
ok($t->wait_for(sub { $t->get('/');
                      $idp->last_request->{uri} eq '/other' }, 10),
   'which is another provider then');

$t->done;
