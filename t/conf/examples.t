#!/usr/bin/perl

# Tests that nginx takes every configuration of conf-examples, of README.md and
# of docs/, without a warning.  An example that does not work is worse than none.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Example;

my $t = Test::OAuthCC->new;
my $root = "$FindBin::Bin/../..";

# a provider, where a piece uses one that it does not define
my $provider = <<'CONF';
oauthcc_provider %s {
    token_endpoint http://127.0.0.1:1/token;
    client_id      gateway;
    client_secret  s3cret;
}
CONF


sub check ($name, $text) {
    my ($code, $out) = $t->check(Test::OAuthCC::Example::fit($t, $text),
                                 Test::OAuthCC::Example::env($text));

    is($code, 0, $name) or diag $out;

    # nginx 1.22 has no "http2 on", and 1.25.1 and newer warn of what it has
    $out =~ s/^.*"listen ... http2" directive is deprecated.*\n//mg;

    unlike($out, qr/\[warn\]/, "$name: no warning");
    like($text, qr/^ *resolver /m, "$name: has a resolver")
        if $text =~ /token_endpoint\s+https:/;
}


# pages have pieces too: they are put where they belong

sub complete ($text) {
    my ($first) = $text =~ /^(?:#.*\n)*(\w+)/;

    return $text if $first =~ /^(?:http|load_module|events)$/;

    $text = "server { listen 8080;\n$text\n}"
        if $first =~ /^(?:location|oauthcc|if|set)$/;

    $text = sprintf($provider =~ s/token_endpoint[^;]*;/$text/r, 'crm')
        if $first =~ /^(?:token_endpoint|issuer)$/;

    # directives of a block
    $text = sprintf($provider =~ s/\}/$text\n}/r, 'crm')
        if $first =~ /^(?:proxy_\w+|param|header|grant_type)$/;

    my %used = map { $_ => 1 } $text =~ /\boauthcc(?:_ready)?\s+(\w+)/g;
    delete @used{off => $text =~ /\boauthcc_provider\s+(\w+)/g};

    return "http {\n" . join('', map { sprintf $provider, $_ } sort keys %used)
           . "$text\n}";
}


for my $path (sort glob "$root/conf-examples/*.conf") {
    my ($name) = $path =~ m{([^/]+)$};
    my $text = Test::OAuthCC::Docs::slurp($path);

    check($name, $text);

    like($text, qr/\A# /, "$name: says what it shows");
}

my %page = Test::OAuthCC::Docs::pages();
my $n = 0;

for my $page (sort keys %page) {
    my @blocks = Test::OAuthCC::Docs::blocks($page{$page}, 'nginx');

    is(scalar @blocks, scalar(() = $page{$page} =~ /(?:```|~~~) *nginx\b/gi),
       "$page: each configuration is found");

    for my $block (@blocks) {
        my ($line, $text) = @$block;

        $n++;
        check("$page:$line", complete($text));
    }
}

cmp_ok($n, '>=', 15, 'pages have configurations');

$t->done;
