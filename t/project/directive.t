#!/usr/bin/perl

# Tests what a new directive of a provider takes: one row in the table, and one
# section in docs/directives.md.  In a copy of the tree there are two that the module does
# not have, one without flags and one that is known to shape no login.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();

my $t = Test::OAuthCC->new(workers => 1);

plan(skip_all => 'the module is a part of nginx') unless $t->{module};

my $root = abs_path("$FindBin::Bin/../..");
my $built = dirname($t->{module}) . '/nginx';

plan(skip_all => "the module was not built in $built")
    unless -e "$built/Makefile";

my $folder = File::Temp->newdir('oauthcc-directive-XXXXXXXX', TMPDIR => 1);
my ($copy, $objs) = ("$folder/tree", "$folder/objs");

system("mkdir $copy && cp -a '$built' $objs && cd '$root' "
       . "&& tar -cf - --exclude=./build --exclude=./.git "
       . "--exclude=node_modules . | tar -C $copy -xf -") == 0
    or BAIL_OUT('no copy');


sub edit ($path, $code) {
    open my $in, '<:raw', $path or die "$path: $!";
    local $_ = do { local $/; <$in> };
    $code->();
    open my $out, '>:raw', $path or die "$path: $!";
    print $out $_;
    close $out or die "$path: $!";
}


sub lint () {
    return scalar `$copy/t/tools/lint $copy 2>&1`;
}


####  one row each

my $row = sub ($name, $flags) {
    return <<"C";
    { { ngx_string("$name"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_resource, 0,
        offsetof(oauthcc_provider_t, grant.resources), NULL },
      OAUTHCC_FIELD_STRINGS, $flags,
      { NULL, NULL }, NULL },

C
};

is(lint(), '', 'the copy is as it should be');

edit("$copy/src/conf/oauthcc_provider_directives.c", sub {
    my $rows = $row->('made_up', 0)
               . $row->('made_up_local', 'OAUTHCC_DIRECTIVE_LOCAL');
    s/(?=    \{ ngx_null_command,)/$rows/ or die 'the table has no end';
});

####  what it has to have besides

is(lint(), join('', map { "docs/directives.md:1: directive $_ is not described\n" }
                    qw(made_up made_up_local)),
   'its documentation is missed');

edit("$copy/docs/directives.md", sub {
    $_ .= join '', map {
        "\n## $_\n\n```text\nSyntax:   $_ URI;\n"
        . "Default:  none\nContext:  oauthcc_provider\n```\n\n"
        . "Is made up.\n"
    } qw(made_up made_up_local);
});

is(lint(), '', 'and nothing else');

####  what it does

edit("$objs/Makefile", sub {
    s/\Q$built\E(?=\W)/$objs/g;
    s/\Q$root\E(?=\/(?:src|ngx_http_oauthcc_module\.c)\b)/$copy/g;
});

my $made = `make -C $objs/tree -f $objs/Makefile modules 2>&1`;

is($?, 0, 'the module with both of them is built') or diag($made);

my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $config = sub ($directives) {
    return <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
        $directives
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / { oauthcc crm; proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF
};

like(($t->check($config->('made_up urn:one;')))[1],
     qr/unknown directive "made_up"/, 'the module as it is does not have it');

$t->{module} = "$objs/ngx_http_oauthcc_module.so";
$t->run($config->('made_up urn:one;'));

my $logins = sub ($directives, $logins, $what) {
    $t->reload($config->($directives)) if defined $directives;

    is($t->get('/')->status, 200, "$what: a token");
    is($idp->count, $logins, "$what: $logins logins so far");
};

$logins->(undef, 1, 'made_up');
like($idp->last_request->{body}, qr/resource=urn%3Aone/, 'its setter was called');
$logins->('made_up urn:one;', 1, 'the same again');
$logins->('made_up urn:two;', 2, 'another value');
$logins->('made_up_local urn:x; made_up urn:two;', 2, 'one that is local');
$logins->('made_up urn:two; made_up_local urn:y;', 2, 'another order');
$logins->('made_up urn:one;', 2, 'the first once more');
$logins->('', 3, 'none');

$t->done;
