package Test::OAuthCC::Example;

# Configurations, those of conf-examples and of docs, complete or for conf.d,
# made fit for a test: they listen on loopback, on ports of the test's own, and
# find what they need in its prefix.
#
#   my $config = Test::OAuthCC::Example::fit($t, $text);
#   my ($code, $out) = $t->check($config, Test::OAuthCC::Example::env($text));
#
# What stays as it is: every directive of the module but the places of files,
# and the host of a token endpoint, so that one without a resolver fails.

use v5.36;

use File::Basename qw(basename dirname);


sub fit ($t, $text) {
    my $prefix = $t->prefix;

    $text = "http {\n$text}\n" unless $text =~ /^(?:http|events)\s*\{/m;

    # what the harness has lines of its own for
    $text =~ s/^(?:load_module|worker_processes)\s[^;]*;//gm;
    $text =~ s/^events\s*\{[^}]*\}//gm;
    $text =~ s/^http\s*\{/http { %%HTTP%%/m;

    # ports
    $text =~ s/\b127\.0\.0\.1:(\d+)/127.0.0.1:%%PORT_$1%%/g;
    $text =~ s/(\blisten\s+)(\d+)(?=[\s;])/${1}127.0.0.1:%%PORT_$2%%/g;

    # hosts that nginx would look up when it starts
    $text =~ s{(\b(?:\w+_pass|server)\s+(?:\w+://)?)[\w.-]+\.(?:com|net)\b}
              {${1}127.0.0.1}g;

    # files; the key of a store has to be as long as a real one
    $text =~ s{(\bkey\s+)(?:file:)?(/[^;\s]+)}{ $1 . store_key($t, $2) }ge;
    $text =~ s{(\bfile:)(/[^;\s']+)}{ $1 . secret($t, $2) }ge;
    $text =~ s{(\w*ssl_(?:trusted_)?(certificate(?:_key)?)\s+)(/[^;\s]+)}
              { $1 . certificate($t, $2) }ge;

    # where the algorithm is one of RSA, so is the key
    my $rsa = $text =~ /\bassertion_alg\s+[RP]S/;
    $text =~ s{(\bassertion_(certificate|key)\s+)(/[^;\s]+)}
              { $1 . certificate($t, $2, $rsa) }ge;

    $text =~ s{(\blogin_json\s+)([\w.-]+);}{ $1 . document($t, $2) . ';' }ge;
    $text =~ s{/var/log/nginx/}{$prefix/logs/}g;

    return "%%GLOBALS%%\n$text";
}


# the environment variables that it names, as a hash
sub env ($text) {
    return map { $_ => 's3cret-of-thirty-two-bytes-or-more' }
           $text =~ /\benv:(\w+)/g;
}


sub secret ($t, $path) {
    return $t->write_file('secrets/' . basename($path), "s3cret\n");
}


sub store_key ($t, $path) {
    return $t->write_file('secrets/' . basename($path),
                          "s3cret-of-thirty-two-bytes-or-more\n");
}


sub document ($t, $name) {
    my $path = dirname(__FILE__) . "/../../../../conf-examples/$name";

    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return $t->write_file($name, scalar <$fh>);
}


sub certificate ($t, $what, $rsa = 0) {
    my $name = $rsa ? 'example-rsa' : 'example';

    if (!-e $t->prefix . "/$name.crt") {
        $rsa ? $t->openssl("req -x509 -newkey rsa:2048 -nodes -days 2"
                           . " -subj /CN=$name -keyout $name.key"
                           . " -out $name.crt")
             : $t->certificate($name);
    }

    return $t->prefix . "/$name." . ($what =~ /key/ ? 'key' : 'crt');
}


1;
