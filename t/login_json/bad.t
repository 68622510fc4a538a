#!/usr/bin/perl

# Tests for what nginx -t says of a login_json document that is wrong: the
# file, the path in it and what is wrong there, and never a secret of it.
# Without it they find out from a 502, or from a login that is not the one that
# they wrote.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use JSON::PP ();

my $json = JSON::PP->new->utf8->canonical;
my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my $t = Test::OAuthCC->new;
my $none = \'none';

my $auth = 'authentication';
my $login = "$auth.loginRequest";
my $api = "$auth.apiRequest";
my $x = "$api.headers.X";


sub document (%change) {
    my $document = {
        authentication => {
            type => 'login', format => 'json',
            loginRequest => {
                endpoint => 'http://127.0.0.1:%%PORT_idp%%/token',
                method => 'FORM',
                headers => { Accept => 'application/json' },
                params => { id => { attr => 'id' },
                            secret => { attr => '#s' } },
            },
            apiRequest => {
                headers => { 'X-Token' => { response => 'token' } },
            },
        },
        config => { id => 'gateway', '#s' => 's3cret', e => '',
                    deep => { a => 'x' }, list => [ 'y' ],
                    jobs => [ { endpoint => 'users' } ] },
    };

    for my $path (sort keys %change) {
        my @keys = split /\./, $path;
        my $last = pop @keys;
        my $at = $document;

        $at = $at->{$_} //= {} for @keys;

        if (ref $change{$path} && $change{$path} == $none) {
            delete $at->{$last};
        } else {
            $at->{$last} = $change{$path};
        }
    }

    return $document;
}


sub call ($name, @args) { return { function => $name, args => [ @args ] } }


# a value of a header that is wrong
sub value ($name, $value, $reason) {
    return [ $name, { $x => $value }, $x, $reason ];
}


my $count = qr/argument/;
my @two = ({ 'X-A' => 1, 'x-a' => 2 }, qr/duplicate|twice|X-A|x-a/i);

# name; text of the document or what differs from the good one; the path; the
# reason; what else is in the provider

my @bad = (
    ####  the file
    [ 'missing', undef, '', qr/No such file/ ],
    [ 'folder', undef, '', qr/directory|regular|file/ ],
    [ 'empty', '', '', qr/empty|JSON|EOF|end of/ ],
    [ 'spaces', " \n ", '', qr/empty|JSON|EOF|end of|expected/ ],
    [ 'large', '{"a":"' . 'x' x 5_000_000 . '"}', '', qr/large|big|size/ ],

    ####  JSON
    [ 'comma', qq({\n "a": 1\n "b": 2\n}), '', qr/line 3|:3\b/ ],
    [ 'comma_secret', qq({\n "config": {"#s": "a"\n  "s3cret": 1 } }), '',
      qr/line 3|:3\b/ ],
    [ 'literal_secret', qq({\n "config": {\n"#s": s3cret } }), '',
      qr/line 3|:3\b/ ],
    [ 'open_secret', qq({\n "config": {\n"#s": "s3cret), '', qr/line 3|:3\b/ ],
    [ 'cut', qq({\n"authentication": {), '', qr/line 2|:2\b/ ],
    [ 'garbage', qq({ }\n x), '', qr/line 2|:2\b|JSON/ ],
    [ 'comment', qq({\n // a comment\n "a": 1 }), '', qr/line 2|:2\b/ ],
    [ 'utf8', qq({ "a": "\xff\xfe" }), '', qr/UTF-8|JSON|line 1|:1\b/ ],
    [ 'zero_byte', qq({ "a": "x\0y" }), '', qr/JSON|line 1|:1\b|zero/ ],
    [ 'zero_escape', '{ "a": "x\u0000y" }', '', qr/a string holds a zero byte/ ],
    [ 'zero_in_key', '{ "a\u0000": "x" }', '', qr/a string holds a zero byte/ ],
    [ 'big_number', '{ "a": 18446744073709551616 }', '', qr/number is too big/ ],
    [ 'duplicate', qq({\n "config": {}, "config": {} }), '',
      qr/duplicate/ ],
    [ 'duplicate_secret',
      qq({\n "config": { "#s": "s3cret", "#s": "s3cret" } }), '',
      qr/duplicate/ ],
    [ 'array', '[]', '', qr/object/ ],
    [ 'string', '"s3cret"', '', qr/object|JSON/ ],
    [ 'number', '42', '', qr/object|JSON/ ],
    [ 'null', 'null', '', qr/object|JSON/ ],
    [ 'deep_arrays', '{"a":' . '[' x 100_000 . ']' x 100_000 . '}', '',
      qr/deep|depth|nest|JSON/ ],
    [ 'deep_params', nested("$login.params", 5000), '',
      qr/deep|depth|nest|JSON/ ],
    [ 'deep_functions', functions($x, 5000), '',
      qr/deep|depth|nest|JSON/ ],

    ####  authentication
    [ 'no_authentication', { $auth => $none }, 'authentication', qr/no|miss/ ],
    [ 'nothing', '{}', 'authentication', qr/no|miss/ ],
    [ 'authentication', { $auth => 'login' }, 'authentication', qr/object/ ],
    [ 'api', '{"api": []}', 'api', qr/object|authentication/ ],
    [ 'parameters', '{"parameters": {"api": {}}}', 'authentication',
      qr/no|miss/ ],
    [ 'config', { config => [ 's3cret' ] }, 'config', qr/object/ ],
    [ 'no_type', { "$auth.type" => $none }, "$auth", qr/type/ ],
    [ 'type', { "$auth.type" => 'basic' }, "$auth.type", qr/login/ ],
    [ 'type_number', { "$auth.type" => 1 }, "$auth.type", qr/string|login/ ],
    [ 'format', { "$auth.format" => 'xml' }, "$auth.format", qr/text/ ],
    [ 'format_array', { "$auth.format" => [ 1 ] }, "$auth.format",
      qr/string|text/ ],

    ####  loginRequest
    [ 'no_login', { $login => $none }, $auth, qr/loginRequest.*(?:no|miss)
                                                |(?:no|miss).*loginRequest/x ],
    [ 'login', { $login => 'x' }, $login, qr/object/ ],
    [ 'no_endpoint', { "$login.endpoint" => $none }, $login, qr/endpoint/ ],
    [ 'endpoint_number', { "$login.endpoint" => 5 }, "$login.endpoint",
      qr/string/ ],
    [ 'endpoint_empty', { "$login.endpoint" => '' }, "$login.endpoint",
      qr/empty|endpoint/ ],
    [ 'endpoint_relative', { "$login.endpoint" => 'token' },
      "$login.endpoint", qr/baseUrl|absolute/ ],
    [ 'endpoint_slash', { "$login.endpoint" => '/token' }, "$login.endpoint",
      qr/baseUrl|absolute/ ],
    [ 'base_relative', base('api/v1/', 'token'),
      qr/\bbaseUrl|\Q$login.endpoint/, qr{https?://|absolute|baseUrl} ],
    [ 'base_number', base(5, 'token'), 'baseUrl', qr/string/ ],
    [ 'endpoint_scheme', { "$login.endpoint" => 'ftp://127.0.0.1/' },
      "$login.endpoint", qr/https?/ ],
    [ 'endpoint_host', { "$login.endpoint" => 'https:///token' },
      "$login.endpoint", qr/host|URL|url/ ],
    [ 'endpoint_space', { "$login.endpoint" => 'http://127.0.0.1:1/a b' },
      "$login.endpoint", qr/./ ],
    [ 'endpoint_line', { "$login.endpoint" => "http://127.0.0.1:1/a\r\nb" },
      "$login.endpoint", qr/./ ],
    [ 'endpoint_http', { "$login.endpoint" => 'http://192.0.2.1/token' },
      qr/\Q$login.endpoint\E|192\.0\.2\.1/, qr/https|allow_http/ ],
    [ 'base_http', base('http://192.0.2.1/', 'token'),
      qr/\Q$login.endpoint\E|baseUrl|192\.0\.2\.1/, qr/https|allow_http/ ],
    [ 'method', { "$login.method" => 'PUT' }, "$login.method",
      qr/PUT|GET.*POST.*FORM/ ],
    [ 'method_number', { "$login.method" => 1 }, "$login.method",
      qr/string|GET.*POST.*FORM/ ],
    [ 'headers', { "$login.headers" => [ 'X: y' ] }, "$login.headers",
      qr/object/ ],
    [ 'headers_string', { "$login.headers" => 'X: y' }, "$login.headers",
      qr/object/ ],
    [ 'header_name', { "$login.headers.X Y" => 1 }, "$login.headers",
      qr/name|X Y/ ],
    [ 'header_name_colon', { "$login.headers.X:" => 1 }, "$login.headers",
      qr/name|X:/ ],
    [ 'header_name_line', { "$login.headers.X\nY" => 1 }, "$login.headers",
      qr/name/ ],
    [ 'header_name_empty', { "$login.headers" => { '' => 1 } },
      "$login.headers", qr/name|empty/ ],
    [ 'header_line', { "$login.headers.X" => "a\nb" }, "$login.headers.X",
      qr/character|header/ ],
    [ 'header_control', { "$login.headers.X" => "a\x01b" },
      "$login.headers.X", qr/character|header/ ],
    [ 'header_secret', { "$login.headers.X" => { attr => '#t' },
                         'config.#t' => "s3cret\r\nX: y" },
      "$login.headers.X", qr/character|header/ ],
    [ 'header_array', { "$login.headers.X" => [ 'a' ] }, "$login.headers.X",
      qr/scalar|array|string|value/ ],
    ( map { [ "header_$_", { "$login.headers.$_" => '1' },
              "$login.headers.$_", qr/header|\Q$_/i ] }
      'Host', 'Content-Length', 'Transfer-Encoding', 'connection' ),
    [ 'header_twice', { "$login.headers" => $two[0] }, "$login.headers",
      $two[1] ],
    [ 'params', { "$login.params" => 'a=b' }, "$login.params", qr/object/ ],
    [ 'params_number', { "$login.params" => 1 }, "$login.params",
      qr/object/ ],
    [ 'params_response', { "$login.params.a" => { response => 'x' } },
      "$login.params.a", qr/response/ ],
    [ 'params_response_deep',
      { "$login.params.a" => { b => [ 1, { response => 'x' } ] } },
      "$login.params.a.b.1", qr/response/ ],
    [ 'params_response_in_function',
      { "$login.params.a" => call('concat', 'x', { response => 'x' }) },
      "$login.params.a.args.1", qr/response/ ],
    [ 'headers_response', { "$login.headers.X" => { response => 'x' } },
      "$login.headers.X", qr/response/ ],
    [ 'params_attr', { "$login.params.a" => { attr => 'nobody' } },
      "$login.params.a", qr/nobody|attr/ ],

    ####  apiRequest
    [ 'api_request', { $api => [ 1 ] }, $api, qr/object/ ],
    [ 'api_headers', { "$api.headers" => 'X: y' }, "$api.headers",
      qr/object/ ],
    [ 'api_query', { "$api.query" => 'a=b' }, "$api.query", qr/object/ ],
    [ 'api_header_name', { "$api.headers.X Y" => 1 }, "$api.headers",
      qr/name|X Y/ ],
    [ 'api_header_line', { $x => "a\r\nb" }, $x, qr/character|header/ ],
    ( map { [ "api_header_$_", { "$api.headers.$_" => '1' },
              "$api.headers.$_", qr/header|\Q$_/i ] }
      'Host', 'content-length', 'Transfer-Encoding', 'Connection' ),
    [ 'api_header_twice', { "$api.headers" => $two[0] }, "$api.headers",
      $two[1] ],
    [ 'api_header_array', { $x => [ 'a' ] }, $x,
      qr/scalar|array|string|value/ ],
    [ 'query_value', { "$api.query.k" => { attr => 'nobody' } },
      "$api.query.k", qr/nobody|attr/ ],

    ####  values
    value('attr', { attr => 'nobody' }, qr/nobody|attr/),
    value('attr_empty', { attr => '' }, qr/attr/),
    value('attr_number', { attr => 5 }, qr/string|attr/),
    value('attr_object', { attr => 'deep' }, qr/deep|attr/),
    value('attr_array', { attr => 'list' }, qr/list|attr/),
    value('attr_index', { attr => 'list.1' }, qr/list\.1|attr/),
    value('attr_jobs', { attr => 'jobs.0.endpoint' }, qr/jobs|attr/),
    value('attr_hash', { attr => 's' }, qr/attr/),
    value('response_empty', { response => '' }, qr/empty|response|path/),
    value('response_number', { response => 5 }, qr/string|response/),
    value('header_empty', { header => '' }, qr/header/),
    value('header_number', { header => 5 }, qr/header/),
    value('header_blank', { header => 'X Y' }, qr/header/),
    value('header_two', { header => 'X', response => 'x' }, qr/header/),
    [ 'header_early', { "$login.headers.X" => { header => 'X-T' } },
      "$login.headers.X", qr/no response yet/ ],
    value('neither', { a => 'b' }, qr/attr.*response.*function|value/),
    value('nothing_in_it', {}, qr/attr.*response.*function|value/),
    value('two', { attr => 'id', response => 'token' },
          qr/attr|response|one|both/),
    value('two_functions', { %{ call('md5', 'x') }, attr => 'id' },
          qr/attr|function|one|both/),

    ####  functions
    value('function', call('system', 'x'), qr/system|function/),
    value('function_case', call('MD5', 'x'), qr/MD5|function/),
    value('function_number', { function => 1, args => [] },
          qr/string|function/),
    value('args', { function => 'md5', args => 'x' }, qr/array|args/),
    value('args_object', { function => 'md5', args => { a => 'x' } },
          qr/array|args/),
    value('no_args', { function => 'md5' }, $count),
    ( map { my ($name, @args) = @$_;
            value('few_' . $name, call($name, @args), $count) }
      [ 'implode' ], [ 'base64_encode' ], [ 'md5' ],
      [ 'sha1' ], [ 'hash', 'md5' ], [ 'hash_hmac', 'md5', 'x' ],
      [ 'sprintf' ], [ 'ifempty', 'x' ], [ 'date' ], [ 'strtotime' ] ),
    ( map { my ($name, @args) = @$_;
            value('many_' . $name, call($name, @args), $count) }
      [ 'implode', ',', [ 'x' ], 'y' ], [ 'base64_encode', 'x', 'y', 'z' ],
      [ 'md5', 'x', 'y', 'z' ], [ 'sha1', 'x', 'y', 'z' ],
      [ 'hash', 'md5', 'x', $true, 'y', 'z' ],
      [ 'hash_hmac', 'md5', 'x', 'y', $true, 'z' ], [ 'ifempty', 1, 2, 3 ],
      [ 'time', 1 ], [ 'date', 'Y', 1, 2 ], [ 'strtotime', 'now', 1, 2 ] ),
    value('implode', call('implode', ',', 'x'), qr/array|implode/),
    value('implode_glue', call('implode', ','), qr/array|implode/),
    value('crc_hmac', call('hash_hmac', 'crc32b', 'x', 'y'), qr/algorithm/),
    value('array', call('md5', [ 'x' ]), qr/array|scalar|args|md5/),
    value('algorithm', call('hash', 'md6', 'x'), qr/md6|algorithm/),
    value('algorithm_hmac', call('hash_hmac', 'crc33', 'x', 'y'),
          qr/crc33|algorithm/),
    value('algorithm_secret', call('hash', { attr => '#s' }, 'x'),
          qr/algorithm/),
    value('sprintf', call('sprintf', '%s %s', 'x'), qr/argument|sprintf/),
    value('sprintf_number', call('sprintf', '%2$s', 'x'),
          qr/argument|sprintf/),
    value('sprintf_zero', call('sprintf', '%0$s', 'x'), qr/argument|sprintf/),
    value('sprintf_unknown', call('sprintf', '%y', 'x'),
          qr/%y|"y"|specifier|format|sprintf/),
    value('sprintf_cut', call('sprintf', '100%', 'x'),
          qr/specifier|format|sprintf/),
    value('sprintf_wide', call('sprintf', '%99999999999d', 1),
          qr/wid|specifier|format|sprintf/),
    [ 'sprintf_secret', { $x => call('sprintf', { attr => '#t' }, 1),
                          'config.#t' => 's3cret %y' }, $x,
      qr/specifier|format|sprintf/ ],
    [ 'nested', { $x => call('concat', 'a', call('concat', 'b', 'c',
                             call('md6', 'x'))) },
      "$x.args.1.args.2", qr/md6|function/ ],
    [ 'nested_implode', { $x => call('implode', ',', [ 'a', { attr => 'n' } ])
                        }, "$x.args.1.1", qr/"n"|attr/ ],

    ####  expires
    ( map { my ($name, $value) = @$_;
            [ "expires_$name", { "$auth.expires" => $value },
              "$auth.expires", qr/./ ] }
      [ 'text', 'soon' ], [ 'exponent', '1e' ], [ 'sign', '-' ],
      [ 'hexadecimal', '0x10' ], [ 'behind', '1 s' ],
      [ 'array', [ 1 ] ], [ 'object', {} ], [ 'true', $true ],
      [ 'relative_only', { relative => $true } ],
      [ 'response', { response => '' } ],
      [ 'response_number', { response => 5 } ],
      [ 'unit', { response => 'e', unit => 'm' } ],
      [ 'unit_number', { response => 'e', unit => 1 } ],
      [ 'unit_null', { response => 'e', unit => undef } ] ),
    [ 'negative_warm', { "$auth.expires" => '-1' }, '', qr/keep_warm/,
      'keep_warm on;' ],
    [ 'zero_warm', { "$auth.expires" => 0 }, '', qr/keep_warm/,
      'keep_warm on;' ],
    [ 'zero_string_warm', { "$auth.expires" => '0' }, '', qr/keep_warm/,
      'keep_warm on;' ],
    [ 'zero_refresh', { "$auth.expires" => 0 }, '', qr/refresh_before/,
      'refresh_before 10s;' ],
);

# what is in the block besides a good document, and what is said of it

my $json_line = 'login_json %%PREFIX%%/good.json;';

my @block = (
    [ "$json_line $json_line", qr/login_json.*duplicate/ ],
    [ "$json_line attr nobody x;", qr/"nobody"/ ],
    [ "$json_line attr jobs.0.endpoint x;", qr/"jobs\.0\.endpoint"/ ],
    [ "$json_line attr deep x;", qr/"deep"/ ],
    [ "$json_line attr id a; attr id b;", qr/attr.*(?:duplicate|twice)
                                            |(?:duplicate|twice).*attr/x ],
    [ "$json_line attr '#s' file:%%PREFIX%%/nothing-there;",
      qr/nothing-there.*No such file/s ],
    [ "$json_line attr '#s' file:%%PREFIX%%/blank;", qr/blank.*empty/s ],
    [ "$json_line attr '#s';", qr/number of arguments in "attr"/ ],
    [ 'login_json;', qr/number of arguments in "login_json"/ ],
    [ 'attr id x; token_endpoint http://127.0.0.1:1/; client_id x;
       client_secret s3cret;', qr/attr|login_json/ ],
    ( map { [ "$json_line $_;", qr/login_json/, (split)[0] ],
            [ "$_; $json_line", qr/login_json/, (split)[0] ] }
      'token_endpoint http://127.0.0.1:1/', 'client_id x',
      'client_secret s3cret', 'scope x', 'param a b', 'header X y',
      'auth_method private_key_jwt', 'assertion_key good.json',
      'assertion_key_password s3cret', 'assertion_alg ES256',
      'assertion_kid x', 'assertion_certificate good.json',
      'assertion_audience x', 'client_assertion file:good.json',
      'client_assertion_type x', 'grant_type x', 'username x',
      'password s3cret' ),
);

my @good = (
    [ 'as_it_is', {} ],
    [ 'no_api_request_headers', { "$api.headers" => $none,
                                  "$api.query.k" => { response => 'k' } } ],
    [ 'expires', { "$auth.expires" => 3600 },
      'keep_warm on; refresh_before 30s;' ],
    [ 'expires_zero', { "$auth.expires" => 0 } ],
    [ 'expires_relative', { "$auth.expires" =>
                            { response => 'e', relative => $false } } ],
    [ 'allow_http', { "$login.endpoint" => 'http://192.0.2.1/token' },
      'allow_http on;' ],
    [ 'https', { "$login.endpoint" => 'https://192.0.2.1/token' } ],
    [ 'attr', { 'config.#s' => $none }, 'attr "#s" s3cret; attr id x;' ],
    [ 'nested_params', nested("$login.params", 10) ],
    [ 'nested_functions', functions($x, 10) ],
);


sub base ($url, $endpoint) {
    my $document = document("$login.endpoint" => $endpoint);
    return $json->encode({ config => $document->{config},
        api => { baseUrl => $url, authentication => $document->{$auth} } });
}


# texts, as the encoder has a limit too

sub nested ($path, $depth) {
    my $value = '{"a":' x $depth . '1' . '}' x $depth;
    return text({ $path => 'DEEP' }) =~ s/"DEEP"/$value/r;
}


sub functions ($path, $depth) {
    my $value = '{"function":"concat","args":["a",' x $depth . '"x"'
                . ']}' x $depth;
    return text({ $path => 'DEEP' }) =~ s/"DEEP"/$value/r;
}


sub text ($document) {
    return ref $document
        ? $json->encode(document(%$document)) : $document;
}


sub check ($block) {
    my ($code, $out) = $t->check(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    oauthcc_provider crm {
        $block
    }
    server { listen 127.0.0.1:%%PORT_http%%; oauthcc crm; }
}
CONF

    return $code, $out, $out =~ /(\[emerg\].*)/ ? $1 : $out;
}


mkdir $t->prefix . '/folder.json';
$t->write_file('good.json', text({}));
$t->write_file('blank', "\n");

for my $case (@good) {
    my ($name, $change, $block) = @$case;

    $t->write_file("$name.json", text($change));

    my ($code, $out) = check("login_json %%PREFIX%%/$name.json; "
                             . ($block // ''));
    is($code, 0, "$name: accepted") or diag $out;
}

# deep ones are taken or refused, but no way to a crash

for my $depth (50, 200, 400, 600, 1000, 1500, 2000) {
    for my $text (nested("$login.params", $depth), functions($x, $depth)) {
        $t->write_file('deep.json', $text);

        my ($code, $out) = check('login_json %%PREFIX%%/deep.json;');
        like($out, $code ? qr/\[emerg\].*deep\.json/ : qr/is successful/,
             "$depth levels");
    }
}

for my $case (@bad) {
    my ($name, $document, $path, $reason, $block) = @$case;

    $t->write_file("$name.json", text($document)) if defined $document;

    my ($code, $out, $message) = check("login_json %%PREFIX%%/$name.json; "
                                       . ($block // ''));
    is($code, 1, "$name: refused") or diag $out;

    $path = qr/\Q$path/ unless ref $path;

    # of two directives that do not fit no document is to be named
    like($message, qr/\b\Q$name\E\.json/, "$name: the file") unless $block;
    like($message, $path, "$name: the path");
    like($message =~ s/\S*\Q$name\E\.json\S*//r, $reason, "$name: the reason");
    like($message, qr/check\.conf:\d+/, "$name: the line");
    like($message, qr/"crm"/, "$name: the provider");
    unlike($out, qr/s3cret|Sanitizer/, "$name: not the secret");
}

for my $case (@block) {
    my ($block, $reason, $other) = @$case;
    my ($code, $out, $message) = check($block);

    is($code, 1, "$block: refused") or diag $out;
    like($message, $reason, "$block: the reason");
    like($message, qr/\b$other\b/, "$block: the other one") if $other;
    like($message, qr/check\.conf:\d+/, "$block: the line");
    unlike($out, qr/s3cret|Sanitizer/, "$block: not the secret");
}

$t->done;
undef $t;
