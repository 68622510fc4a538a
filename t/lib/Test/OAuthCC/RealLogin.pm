package Test::OAuthCC::RealLogin;

# What the tests with real authorization servers have in common.  A provider
# is [ NAME, DIRECTIVES, SERVER ], and a request for /NAME/... has its token;
# without SERVER the directives say where to log in.
#
#   run($t, $http, @providers)           starts nginx; $http is more of http{}
#   token($response)                     the one token of it, or nothing
#   one_login($t, $idp, '/plain')        200 at once are served by one login
#   let_in($t, $idp, $name, %known)      a token of which the server says that
#   refused($t, $name, $re)              502, and a line in the log like that
#   keys($t, %keys)                      keys, with options of openssl genpkey

use v5.36;

use Exporter qw(import);
use List::Util qw(uniq);
use Test::More;

our @EXPORT_OK = qw(run token one_login let_in refused keys);


sub run ($t, $http, @providers) {
    my $blocks = '';

    for my $provider (@providers) {
        my ($name, $directives, $idp) = @$provider;
        my $endpoint = $idp ? 'token_endpoint ' . $idp->token_endpoint . ';'
                            : '';

        $blocks .= "oauthcc_provider $name { $endpoint $directives }\n";
    }

    return $t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$blocks
$http
    %%SERVER_reuseport%%
}
CONF
}


sub token ($r) {
    my ($token, @more) = map { /^Bearer (\S+)$/ } $r->seen('Authorization');
    return @more ? undef : $token;
}


sub one_login ($t, $idp, $uri) {
    my $before = $idp->count;
    my @all = $t->concurrent(200, GET => $uri);

    is(Test::OAuthCC::tally(@all), '200 x 200', "$uri: 200 requests");
    is($idp->count - $before, 1, "$uri: by one login");
    is(uniq(map { token($_) // '-' } @all), 1, "$uri: with one token");
}


sub let_in ($t, $idp, $name, %known) {
    my $r = $t->get("/$name/x");

    is($r->status, 200, "$name: status");

    my $token = $t->secret(token($r) // do {
        fail("$name: token");
        diag(join "\n", $t->log_lines(qr/"\Q$name\E"/));
        return;
    });

    my $said = $idp->introspect($token);

    %known = (%known, active => 1);
    is_deeply({ map { $_ => $said->{$_} } keys %known }, \%known,
              "$name: a token of this client");

    return $token;
}


sub refused ($t, $name, $re) {
    my $r = $t->get("/$name/x");
    my @lines = $t->log_lines(qr/\[error\].*login failed.*"\Q$name\E"/);

    is($r->status, 502, "$name: status");
    is(@lines, 1, "$name: one line");
    like("@lines", $re, "$name: that says why");
}


sub keys ($t, %keys) {
    for my $name (sort keys %keys) {
        $t->openssl("genpkey $keys{$name} -out $name.pem");
        $t->openssl("pkey -in $name.pem -pubout -out $name.pub");
    }
}


1;
