#!/usr/bin/perl

# Tests that nginx takes every configuration of conf-examples and of README,
# without a warning.  An example that does not work is worse than none.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
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


sub slurp ($path) {
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return <$fh>;
}


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


# README has pieces too: they are put where they belong

sub complete ($text) {
    my ($first) = $text =~ /^(\w+)/;

    return $text if $first =~ /^(?:http|load_module|events)$/;

    $text = "server { listen 8080;\n$text\n}"
        if $first =~ /^(?:location|oauthcc|if|set)$/;

    $text = sprintf($provider =~ s/token_endpoint[^;]*;/$text/r, 'crm')
        if $first =~ /^(?:token_endpoint|issuer)$/;

    # directives of a block
    $text = sprintf($provider =~ s/\}/$text\n}/r, 'crm')
        if $first =~ /^(?:proxy_\w+|param|header|grant_type)$/;

    my %used = map { $_ => 1 } $text =~ /\boauthcc\s+(\w+)/g;
    delete @used{off => $text =~ /\boauthcc_provider\s+(\w+)/g};

    return "http {\n" . join('', map { sprintf $provider, $_ } sort keys %used)
           . "$text\n}";
}


for my $path (sort glob "$root/conf-examples/*.conf") {
    my ($name) = $path =~ m{([^/]+)$};
    my $text = slurp($path);

    check($name, $text);

    like($text, qr/\A# /, "$name: says what it shows");
}

# what is indented, with the blank lines in it, and ends lines as nginx does

my @blocks = slurp("$root/README") =~ /^((?: {4}.*\n+)+)/gm;
my $n = 0;

for my $block (@blocks) {
    $block =~ s/^ {4}//gm;
    next if $block =~ /^(?:Syntax:|\{)/ || $block !~ /[{;]$/m;

    $n++;
    my ($line) = $block =~ /([^\n]*)/;
    check("README, block $n, \"$line\"", complete($block));
}

cmp_ok($n, '>=', 4, 'README has configurations');

$t->done;
