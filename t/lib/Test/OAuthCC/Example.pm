package Test::OAuthCC::Example;

# Complete configurations, those of conf-examples and of README, made fit for
# a test: they listen on loopback, on ports of the test's own, and find what
# they need in its prefix.
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

    # what the harness has lines of its own for
    $text =~ s/^(?:load_module|worker_processes)\s[^;]*;//gm;
    $text =~ s/^events\s*\{[^}]*\}//gm;
    $text =~ s/^http\s*\{/http { %%HTTP%%/m;

    # ports
    $text =~ s/\b127\.0\.0\.1:(\d+)/127.0.0.1:%%PORT_$1%%/g;
    $text =~ s/(\blisten\s+)(\d+)(?=[\s;])/${1}127.0.0.1:%%PORT_$2%%/g;

    # hosts that nginx would look up when it starts
    $text =~ s{(\b(?:\w+_pass|server)\s+(?:\w+://)?)[\w.-]+\.example\.com}
              {${1}127.0.0.1}g;

    # files
    $text =~ s{(\bfile:)(/[^;\s']+)}{ $1 . secret($t, $2) }ge;
    $text =~ s{((?:\w*ssl_(?:trusted_)?|\bassertion_)
                (certificate(?:_key)?|key)\s+)(/[^;\s]+)}
              { $1 . certificate($t, $2) }gex;
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


sub document ($t, $name) {
    my $path = dirname(__FILE__) . "/../../../../conf-examples/$name";

    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return $t->write_file($name, scalar <$fh>);
}


sub certificate ($t, $what) {
    $t->certificate('example') unless -e $t->prefix . '/example.crt';
    return $t->prefix . '/example.' . ($what =~ /key/ ? 'key' : 'crt');
}


1;
