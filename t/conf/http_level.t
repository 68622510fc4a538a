#!/usr/bin/perl

# Tests that a configuration which is good stays good with a provider in it,
# whatever is said at http level: by every directive of nginx and of the modules
# that Debian has, and by those that are good only because each server{}
# completes them.  A hidden server completes nothing, and inherits nothing.
#
# Environment, besides that of all tests: NGINX_SRC, NGINX_CC_OPT, NGINX_LD_OPT
# as t/unit/build takes them, TEST_NGINX_UNIT (beside it t/directives is built,
# which lists the directives).

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);

my $root = "$FindBin::Bin/../..";
my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $dns = $t->resolver;

$t->certificate($_) for qw(idp.test other.test);
$t->openssl('req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 2 '
            . '-passout pass:x -subj /CN=x -keyout locked.key '
            . '-out locked.crt');
$t->openssl('rand -out ticket.key 80');
$t->openssl('dhparam -dsaparam -out dh.pem 2048');

$t->write_file('index.txt', '');
$t->write_file('crlnumber', "01\n");
$t->write_file('ca.cnf', "[ca]\ndefault_ca=d\n[d]\n"
               . "database=%%PREFIX%%/index.txt\n"
               . "crlnumber=%%PREFIX%%/crlnumber\n"
               . "default_md=sha256\ndefault_crl_days=2\n");
$t->openssl('ca -config ca.cnf -gencrl -keyfile other.test.key '
            . '-cert other.test.crt -out other.crl');

$t->write_file('passwords', "x\n");
$t->write_file('wrong', "y\n");
$t->write_file('code.js', 'function f(r) { return ""; } export default { f };');
$t->write_file('code.lua', '');
$t->write_file('rules', "SecRuleEngine On\n");
$t->write_file('entities', '');

# providers, one of each kind

my $providers = <<'CONF';
    oauthcc_provider http {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider https {
        token_endpoint https://idp.test:%%PORT_tls%%/token;
        client_id gateway;
        client_secret s3cret;
        resolver 127.0.0.1:%%PORT_dns%% ipv6=off;
        proxy_ssl_trusted_certificate %%PREFIX%%/idp.test.crt;
    }

    oauthcc_provider system {
        token_endpoint https://127.0.0.1:%%PORT_tls%%/token;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider variables {
        token_endpoint https://127.0.0.1:%%PORT_tls%%/$arg_t;
        client_id gateway;
        client_secret s3cret;
        proxy_ssl_verify off;
    }

    oauthcc_provider issuer {
        issuer http://127.0.0.1:%%PORT_idp%%/issuer;
        client_id gateway;
        auth_method tls_client_auth;
        proxy_ssl_certificate %%PREFIX%%/idp.test.crt;
        proxy_ssl_certificate_key %%PREFIX%%/idp.test.key;
    }
CONF

sub config ($http, $server, $providers, $load = '') {
    return <<"CONF";
$load
%%GLOBALS%%

http {
    %%HTTP%%
    $http
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        $server
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }

}
CONF
}

# nginx takes it; and with providers
sub stays_good ($what, $http, $server = '', $load = '', %env) {
    my ($code, $out) = $t->check(config($http, $server, '', $load), %env);

    if ($code) {
        fail("$what: good by itself");
        diag($out);
        return;
    }

    ($code, $out) = $t->check(config($http, $server, $providers, $load), %env);
    is($code, 0, "$what: good with providers") or diag($out);
}


####  the directives that there are

# what does not go by its kind.  undef: it stands in %%HTTP%% or in the
# configuration already, or is a block that makes nothing inherited

my $crt = '%%PREFIX%%/idp.test.crt';
my $key = '%%PREFIX%%/idp.test.key';
my $crl = '%%PREFIX%%/other.crl';

my %value = (
    (map { $_ => undef } qw(server upstream access_log client_body_temp_path
        proxy_temp_path fastcgi_temp_path uwsgi_temp_path scgi_temp_path)),

    # core

    types => '{ text/x-x x; }', default_type => 'text/x-x',
    root => '%%PREFIX%%/html', error_log => '%%PREFIX%%/logs/http.log info',
    large_client_header_buffers => '4 16k', client_body_in_file_only => 'clean',
    aio => 'off', directio => '4m', limit_rate => '1m', limit_rate_after => '1m',
    keepalive_timeout => '10s 5s', keepalive_disable => 'none',
    satisfy => 'any', lingering_close => 'always', server_tokens => 'build',
    if_modified_since => 'before', error_page => '404 500 502 =200 /x',
    post_action => '/x', open_file_cache => 'max=10',
    resolver => '127.0.0.1:%%PORT_dns%% ipv6=off', gzip_http_version => '1.0',
    gzip_proxied => 'any', gzip_disable => 'x', disable_symlinks => 'on',
    variables_hash_max_size => 2048, variables_hash_bucket_size => 128,
    server_names_hash_max_size => 1024, server_names_hash_bucket_size => 128,
    types_hash_max_size => 2048, types_hash_bucket_size => 128,
    map_hash_max_size => 4096, map_hash_bucket_size => 128,
    connection_pool_size => 1024, request_pool_size => 8192,

    # other static modules

    geo => '$geo { default 1; }', map => '$uri $map { default 1; }',
    split_clients => '$uri $split { 50% a; * b; }',
    charset_map => 'koi8-r utf-8 { 80 E282AC; }', charset => 'koi8-r',
    source_charset => 'utf-8', charset_types => '*',
    limit_req_zone => '$binary_remote_addr zone=req:1m rate=1r/s',
    limit_req => 'zone=req', limit_req_log_level => 'warn',
    limit_req_status => 503, limit_conn_status => 503,
    limit_conn_zone => '$binary_remote_addr zone=conn:1m',
    limit_conn => 'conn 1', limit_conn_log_level => 'warn',
    set_real_ip_from => '10.0.0.0/8', real_ip_header => 'X-Real',
    log_format => 'x $uri',
    open_log_file_cache => 'max=10', gzip_buffers => '4 8k',
    gzip_types => '*', gzip_static => 'always', gzip_window => '4k',
    gzip_hash => '8k', gunzip_buffers => '4 8k',
    auth_basic => 'x', auth_basic_user_file => '%%PREFIX%%/none',
    ssi_types => '*', sub_filter => 'a b', sub_filter_types => '*',
    autoindex_format => 'json', mirror => '/x',
    modern_browser => 'gecko 1.0', ancient_browser => 'msie',
    modern_browser_value => 'm', ancient_browser_value => 'a',
    http2_max_requests => 10, http2_max_field_size => '4k',
    http2_max_header_size => '16k', http2_recv_timeout => '10s',
    http2_idle_timeout => '10s', http2_push => '/x',
    http2_chunk_size => '8k', http2_recv_buffer_size => '256k',
    http2_body_preread_size => '64k', http2_pool_size => '4k',
    http2_streams_index_size => 32,
    add_before_body => '/a', add_after_body => '/b', addition_types => '*',
    index => 'a b', auth_request => '/auth', auth_request_set => '$a $uri',
    userid => 'on', userid_name => 'x', userid_domain => 'x.test',
    userid_path => '/', userid_expires => '1d', userid_flags => 'secure',
    userid_p3p => 'x', userid_mark => 'a', output_buffers => '2 8k',
    secure_link => '$arg_a', secure_link_md5 => '$arg_b',
    secure_link_secret => undef, dav_methods => 'PUT DELETE',
    dav_access => 'user:rw', expires => '1h', add_header => 'X-A b always',
    add_trailer => 'X-T b', allow => '127.0.0.0/8', deny => 'all',
    mp4_max_buffer_size => '1m', mp4_buffer_size => '512k',
    max_headers => 100, slice => '1m',

    # TLS; "ssl" would make a TLS server of each

    ssl => 'off', ssl_certificate => $crt, ssl_certificate_key => $key,
    ssl_password_file => '%%PREFIX%%/passwords', ssl_dhparam =>
        '%%PREFIX%%/dh.pem', ssl_ecdh_curve => 'prime256v1',
    ssl_protocols => 'TLSv1.2', ssl_ciphers => 'DEFAULT',
    ssl_verify_client => 'optional', ssl_client_certificate => $crt,
    ssl_trusted_certificate => $crt, ssl_session_cache => 'shared:tls:1m',
    ssl_session_ticket_key => '%%PREFIX%%/ticket.key', ssl_crl => $crl,
    ssl_ocsp => 'leaf', ssl_ocsp_responder => 'http://127.0.0.1/',
    ssl_ocsp_cache => 'shared:ocsp:1m', ssl_stapling => 'off',
    ssl_stapling_file => undef, ssl_stapling_responder => 'http://127.0.0.1/',
    ssl_conf_command => 'Options -Bugs', ssl_reject_handshake => 'off',
    ssl_buffer_size => '4k',

    # Lua

    lua_shared_dict => 'words 1m',
    lua_capture_error_log => undef,     # of a patched nginx
    lua_regex_cache_max_entries => 100, lua_regex_match_limit => 100,
    lua_package_cpath => '"%%PREFIX%%/?.so;;"', lua_malloc_trim => 1000,
    lua_package_path => undef, lua_load_resty_core => undef,
    (map { $_ => '{ }' } map { ("${_}_by_lua_block") }
        qw(init init_worker exit_worker server_rewrite rewrite access log
           header_filter body_filter ssl_client_hello ssl_certificate
           ssl_session_store ssl_session_fetch)),
    (map { $_ => undef } map { ("${_}_by_lua", "${_}_by_lua_file") }
        qw(init init_worker exit_worker server_rewrite rewrite access log
           header_filter body_filter ssl_client_hello ssl_certificate
           ssl_session_store ssl_session_fetch)),
    lua_ssl_protocols => 'TLSv1.2', lua_ssl_ciphers => 'DEFAULT',
    lua_ssl_trusted_certificate => $crt, lua_ssl_crl => $crl,
    lua_ssl_conf_command => 'Options -Bugs',
    lua_worker_thread_vm_pool_size => 10, lua_thread_cache_max_entries => 10,

    # other dynamic modules; set-misc's set_* are rewrites, which are there
    # for server{}

    js_import => 'main from %%PREFIX%%/code.js', js_preload_object => undef,
    js_path => '%%PREFIX%%', js_set => '$js main.f', js_var => '$jv x',
    js_fetch_ciphers => 'DEFAULT', js_fetch_protocols => 'TLSv1.2',
    js_fetch_trusted_certificate => $crt,
    brotli_buffers => '4 8k', brotli_types => '*', brotli_static => 'always',
    brotli_window => '1m', brotli_comp_level => 5,
    memc_cmds_allowed => 'get', memc_upstream_max_fails => undef,
    memc_upstream_fail_timeout => undef,
    upload_progress => 'up 1m', track_uploads => undef,
    report_uploads => undef, upload_progress_content_type => 'text/x-x',
    upload_progress_template => 'starting x',
    upload_progress_java_output => '', upload_progress_json_output => '',
    upload_progress_jsonp_output => '', upload_progress_header => 'X-Id',
    upload_progress_jsonp_parameter => 'x',
    image_filter_jpeg_quality => 50, image_filter_webp_quality => 50,
    image_filter_sharpen => 10, auth_pam => 'x', auth_pam_service_name => 'x',
    fancyindex_default_sort => 'date', fancyindex_header => '/h',
    fancyindex_footer => '/f', fancyindex_ignore => 'x',
    fancyindex_name_length => 50,
    geoip_country => undef, geoip_org => undef, geoip_city => undef,
    geoip_proxy => '127.0.0.1', geoip2 => undef, geoip2_proxy => '127.0.0.1',
    upstream_list => 'names a b', subs_filter => 'a b',
    subs_filter_bypass => '$arg_a', subs_filter_types => '*',
    subs_buffers => '4 8k',
    subs_line_buffer_size => undef,     # takes no value
    upstream_fair_shm_size => '64k',
    xml_entities => '%%PREFIX%%/entities', xslt_param => 'a b',
    xslt_string_param => 'a b', xslt_types => '*',
    perl_modules => undef, perl_require => undef,
    perl_set => q($perl 'sub { return "" }'),
    srcache_fetch => 'GET /x', srcache_store => 'PUT /x',
    srcache_fetch_skip => '$arg_a', srcache_store_skip => '$arg_a',
    srcache_store_statuses => '200', srcache_methods => 'GET',
    srcache_store_hide_header => 'X-A', srcache_store_pass_header => 'X-B',
    modsecurity_rules => undef, modsecurity_rules_remote => undef,
    modsecurity_rules_file => '%%PREFIX%%/rules',
    modsecurity_transaction_id => 'x',
    more_set_headers => "'X-A: b'", more_clear_headers => 'X-A',
    more_set_input_headers => "'Authorization: x'",
    more_clear_input_headers => 'X-B',
    dav_ext_methods => 'PROPFIND', dav_ext_lock_zone => 'zone=dav:1m',
    dav_ext_lock => 'zone=dav',
    (map { ("${_}_cache_purge" => 'on from all') }
        qw(proxy fastcgi uwsgi scgi)),
    (map { $_ => undef } qw(set_encode_base64 set_decode_base64
        set_encode_base64url set_decode_base64url set_decode_hex
        set_encode_hex set_hmac_sha1 set_hmac_sha256 set_md5 set_sha1
        set_unescape_uri set_escape_uri set_quote_sql_str
        set_quote_pgsql_str set_quote_json_str set_if_empty
        set_hashed_upstream set_encode_base32 set_decode_base32
        set_local_today set_formatted_gmt_time set_formatted_local_time
        set_random set_secure_random_alphanum set_secure_random_lcalpha
        set_rotate)), set_base32_padding => undef, # has another name
    set_base32_alphabet => '0123456789ABCDEFGHIJKLMNOPQRSTUV',

    # protocols

    fastcgi_index => 'x', fastcgi_split_path_info => '^(.+)(/.+)$',
    fastcgi_catch_stderr => 'x', uwsgi_string => undef,
    proxy_redirect => 'a b', proxy_cookie_domain => 'a b',
    proxy_cookie_path => '/a /b', proxy_cookie_flags => 'a secure',
    proxy_set_body => 'x', proxy_method => 'GET', proxy_http_version => '1.0',
    proxy_store => undef, fastcgi_store => undef, uwsgi_store => undef,
    scgi_store => undef,

    map({ my $p = $_; map { ("${p}_$_->[0]" => $_->[1]) }
        [ store_access => 'user:rw' ], [ bind => '127.0.0.1' ],
        [ buffers => '8 8k' ], [ cache => "${p}_zone" ],
        [ cache_path => "%%PREFIX%%/cache_$p keys_zone=${p}_zone:1m" ],
        [ cache_key => '$uri' ], [ cache_bypass => '$arg_a' ],
        [ no_cache => '$arg_a' ], [ cache_valid => 'any 1m' ],
        [ cache_use_stale => 'error' ], [ cache_methods => 'GET POST' ],
        [ cache_background_update => 'on' ],
        [ next_upstream => 'off' ], [ param => 'A b' ],
        [ pass_header => 'Server' ], [ hide_header => 'X-A' ],
        [ ignore_headers => 'Vary' ], [ set_header => 'X-A b' ],
        [ ssl_protocols => 'TLSv1.2' ], [ ssl_ciphers => 'DEFAULT' ],
        [ ssl_name => 'x.test' ], [ ssl_trusted_certificate => $crt ],
        [ ssl_crl => $crl ], [ ssl_certificate => $crt ],
        [ ssl_certificate_key => $key ],
        [ ssl_password_file => '%%PREFIX%%/passwords' ],
        [ ssl_conf_command => 'Options -Bugs' ],
        [ headers_hash_max_size => 1024 ],
        [ headers_hash_bucket_size => 128 ],
        [ temp_file_write_size => '16k' ], [ busy_buffers_size => '16k' ],
        [ max_temp_file_size => '1m' ] }
        qw(proxy fastcgi uwsgi scgi grpc memcached memc)),
);

my $pair = "ssl_certificate $crt; ssl_certificate_key $key;";
my %by_kind = (flag => 'on', number => 1, size => '8k', time => '1s');

my $unit = $ENV{TEST_NGINX_UNIT} // "$root/build/unit";
my $folder = dirname($unit) . '/directives';

# modules of Debian fit the nginx of Debian

my $debian = $t->{nginx} =~ m{^/usr/sbin/};
my $modules = dirname($unit) . '/modules';
my (@dynamic, %env);

if ($debian) {
    my $why = `$root/t/tools/neighbours $modules all 2>&1`;
    is($?, 0, 'modules of Debian are there') or BAIL_OUT($why);

    $modules = abs_path($modules);
    @dynamic = sort { ($b =~ /ndk_/) <=> ($a =~ /ndk_/) || $a cmp $b }
               glob "$modules/usr/lib/nginx/modules/*_http_*.so";

    $env{LD_LIBRARY_PATH} = join ':', glob "$modules/{usr/,}lib/*-linux-gnu*";
}

my $load = join ' ', map { "load_module $_;" } @dynamic;

# what some of them need to be there at all

my $needed = join ' ',
    $load =~ /_lua_/ ? "lua_package_path '$modules/usr/share/lua/5.1/?.lua;;';"
                     : (),
    $load =~ /_perl_/ ? map { "perl_modules $_;" }
                        glob "$modules/usr/lib/*-linux-gnu*/perl5/*" : ();

my %directives;

if (-x (($ENV{NGINX_SRC} // '/usr/share/nginx/src') . '/configure')) {
    system('mkdir', '-p', $folder);
    system("$root/t/unit/build", $folder, "$root/t/directives") == 0
        or BAIL_OUT('the list of directives can not be built');

    my $so = abs_path("$folder/ngx_http_oauthcc_directives_module.so");
    my ($code, $out) = $t->check(<<"CONF", %env);
load_module $so; $load
%%GLOBALS%%
oauthcc_directives;
http { %%HTTP%% $needed }
CONF

    is($code, 0, 'the directives are listed') or diag($out);

    push @{ $directives{$1} }, [ $2, $3 ]
        while $out =~ /^directive (\w+) (\w+) (\w+)$/gm;

    cmp_ok(scalar(map { @$_ } values %directives), '>', 300,
           'many hundreds of them');
}

my ($n, $all) = (0, '');

for my $module (sort keys %directives) {
    next if $module =~ /oauthcc/;

    my ($http, @unknown) = ('');

    # a map{} settles the sizes of its hash

    for (sort { ($a->[1] eq 'block') <=> ($b->[1] eq 'block') }
         @{ $directives{$module} })
    {
        my ($name, $kind) = @$_;
        my $value = exists $value{$name} ? $value{$name} : $by_kind{$kind};

        if (!exists $value{$name} && !defined $value) {
            push @unknown, $name;

        } elsif (defined $value) {
            $http .= "$name $value" . ($value =~ /\}$/ ? "\n" : ";\n");
            $n++;
        }
    }

    # another version has others

    is("@unknown", '', "$module: a value for each directive")
        if $debian && `$t->{nginx} -v 2>&1` =~ m{/1\.22\.1\b};

    my $dynamic = grep { /\Q$module\E/ || $module =~ /cache_purge/ } @dynamic;

    $all .= $http;

    # Lua looks for the TLS that it gets certificates for

    stays_good($module, ($dynamic ? $needed : '') . $http,
               $module =~ /_lua_/ ? $pair : '', ($dynamic ? $load : ''),
               $dynamic ? %env : ())
        if $http;
}

cmp_ok($n, '>', 200, "$n of them were set") if %directives;


####  what each server{} completes

my $none = '%%PREFIX%%/none';

my @completed = (
    [ "ssl_certificate $crt;", "ssl_certificate_key $key;" ],
    [ "ssl_certificate $none; ssl_certificate_key $none;", $pair ],
    [ "ssl_certificate $crt;", $pair ],
    [ "$pair ssl_verify_client on;", "ssl_client_certificate $crt;" ],
    [ "$pair ssl_verify_client on;", 'ssl_verify_client off;' ],
    [ "ssl_certificate %%PREFIX%%/locked.crt;
       ssl_certificate_key %%PREFIX%%/locked.key;",
      'ssl_password_file %%PREFIX%%/passwords;' ],
    [ "ssl_certificate %%PREFIX%%/locked.crt;
       ssl_certificate_key %%PREFIX%%/locked.key;
       ssl_password_file %%PREFIX%%/wrong;", $pair ],
    [ "$pair ssl_verify_client on; ssl_client_certificate $none;",
      "ssl_client_certificate $crt;" ],
    [ "$pair ssl_ocsp on; ssl_verify_client optional_no_ca;",
      'ssl_ocsp off;' ],
    [ "$pair ssl_session_ticket_key $crt;",
      'ssl_session_ticket_key %%PREFIX%%/ticket.key;' ],
    [ "$pair ssl_stapling on; ssl_stapling_file $none;",
      'ssl_stapling off;' ],
    [ "$pair ssl_conf_command Nothing x;",
      'ssl_conf_command Options -Bugs;' ],
    map({ my ($name, $bad, $good) = @$_;
          [ "$pair $name $bad;", "$name $good;" ] }
        [ 'ssl_trusted_certificate', $none, $crt ],
        [ 'ssl_crl', $none, $crl ],
        [ 'ssl_dhparam', $none, '%%PREFIX%%/dh.pem' ],
        [ 'ssl_ecdh_curve', 'none', 'auto' ],
        [ 'ssl_ciphers', 'NONE', 'DEFAULT' ]),

    [ "proxy_ssl_certificate $crt;", "proxy_ssl_certificate_key $key;" ],
    [ "proxy_ssl_certificate $none; proxy_ssl_certificate_key $none;",
      'set $x 1;' ],
    [ 'proxy_ssl_verify on;', 'proxy_ssl_verify off;' ],
    map({ [ "$_;", 'set $x 1;' ] }
        "proxy_ssl_verify on; proxy_ssl_trusted_certificate $none",
        "proxy_ssl_trusted_certificate $none",
        "proxy_ssl_crl $none", "proxy_ssl_ciphers NONE",
        'proxy_ssl_conf_command Nothing x',
        'proxy_ssl_password_file %%PREFIX%%/wrong',
        'proxy_ssl_verify_depth 0', 'proxy_ssl_server_name off',
        'proxy_ssl_session_reuse on'),

    [ 'connection_pool_size 32k;', 'large_client_header_buffers 4 64k;' ],

    map({ my $p = $_;
          [ "${p}_buffer_size 64k;",
            "${p}_buffers 8 64k; ${p}_busy_buffers_size 128k;" ],
          [ "${p}_buffers 2 64k;", "${p}_buffers 8 4k;" ],
          [ "${p}_busy_buffers_size 512k;", "${p}_buffers 8 128k;" ],
          [ "${p}_temp_file_write_size 512;",
            "${p}_temp_file_write_size 64k;" ],
          [ "${p}_max_temp_file_size 512;", "${p}_max_temp_file_size 0;" ],
          [ "${p}_cache_path %%PREFIX%%/c keys_zone=z:1m; ${p}_cache z;
             ${p}_cache_use_stale off;", "${p}_cache off;" ] }
        qw(proxy fastcgi uwsgi scgi)),

    [ 'charset koi8-r; source_charset windows-1251;', 'charset off;' ],
    [ 'open_file_cache max=10; error_page 401 404 = /x;', 'error_page 401 /y;' ],
    [ 'deny all; auth_basic x; satisfy all;', 'allow all; auth_basic off;' ],
);

for my $case (@completed) {
    my ($http, $server) = @$case;
    stays_good($http =~ s/\s+/ /gr, $http, $server);
}

my @dynamically = (
    [ 'lua', 'lua_ssl_ciphers NONE;', 'lua_ssl_ciphers DEFAULT;' ],
    [ 'lua', "lua_ssl_trusted_certificate $none;",
      "lua_ssl_trusted_certificate $crt;" ],
    [ 'lua', "lua_ssl_crl $none;", "lua_ssl_crl $crl;" ],
    [ 'lua', 'ssl_certificate_by_lua_block { }', $pair ],
    [ 'js', 'js_fetch_ciphers NONE;', 'js_fetch_ciphers DEFAULT;' ],
    [ 'js', "js_fetch_trusted_certificate $none;",
      "js_fetch_trusted_certificate $crt;" ],
);

for my $case (@dynamically) {
    my ($module, $http, $server) = @$case;
    next unless $load =~ /_${module}_/;

    $http .= 'js_import main from %%PREFIX%%/code.js;' if $module eq 'js';
    stays_good("$module: $http", "$needed $http", $server, $load, %env);
}


####  what a login has of it

$dns->set('idp.test', '127.0.0.1', 60);
$t->secret('s3cret');

my $tls = <<"CONF";
    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        $pair
        ssl_verify_client optional_no_ca;
        ssl_protocols TLSv1.2 TLSv1.3;
        proxy_set_header X-SNI \$ssl_server_name;
        proxy_set_header X-Client \$ssl_client_fingerprint;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }
CONF

# as nginx has it, for the API
my $reset = 'proxy_buffer_size 8k; proxy_buffers 8 8k; proxy_bind off;
             proxy_busy_buffers_size 16k; limit_rate 0; proxy_limit_rate 0;
             proxy_read_timeout 30s; proxy_connect_timeout 30s;';

sub asks ($http, $block, $providers = $providers) {
    $providers =~ s/provider https \{/$& $block/;

    $t->stop;
    $_->clear for $idp, $api;
    $t->run(config($http, "$reset oauthcc https;",
                   $providers . $tls =~ s/location/$reset $&/r));
    return $t->get('/');
}

for my $http (
    "proxy_ssl_crl $crl;", 'proxy_ssl_name other.test;',
    'proxy_ssl_trusted_certificate %%PREFIX%%/other.test.crt;',
    "proxy_ssl_certificate $crt; proxy_ssl_certificate_key $key;",
    'proxy_ssl_server_name off;', 'proxy_ssl_verify off;',
    'proxy_ssl_verify_depth 0;', 'proxy_ssl_protocols TLSv1;',
    'proxy_ssl_ciphers eNULL:@SECLEVEL=0;', 'proxy_ssl_session_reuse on;',
    'proxy_ssl_conf_command Protocol -ALL;', 'proxy_bind 192.0.2.1;',
    'proxy_buffer_size 64; proxy_buffers 8 64;',
    'limit_rate 1; proxy_limit_rate 1;', 'proxy_socket_keepalive on;',
    'proxy_next_upstream off; proxy_next_upstream_tries 1;',
    'proxy_hide_header Content-Type; proxy_pass_header X-Accel-Redirect;',
    'request_pool_size 128k; connection_pool_size 4k;',
    '')
{
    my $r = asks($http, '');
    my $login = $idp->last_request // { head => '' };

    is_deeply([ $r->status, map { $idp->header($login, $_) // '' }
                'X-SNI', 'X-Client' ], [ 200, 'idp.test', '' ],
              "a login with $http");
}

# the files of logs that nginx has open are those of the configuration

my @open = grep { /log/ && !m{^\Q@{[ $t->prefix ]}\E/} }
           map { readlink // '' } glob '/proc/' . $t->master . '/fd/*';
is("@open", '', 'no other log is opened');


# all of it at once, without a client, whom much of it is in the way of

$t->stop;
$idp->clear;
$t->run(config("$needed $all", $pair, <<'CONF', $load), %env);
    oauthcc_provider warm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/warm?a=b;
        client_id gateway;
        client_secret s3cret;
        keep_warm on;
    }

    server {
        listen 127.0.0.1:%%PORT_warm%%;
        location / { oauthcc warm; return 204; }
    }
CONF

ok($t->wait_for(sub { $idp->count }), 'a login with all of it');

my ($login) = grep { $_->{uri} eq '/warm?a=b' } $idp->requests;

is_deeply([ $login->{body}, map { $idp->header($login, $_) }
            qw(Host Content-Type Connection) ],
          [ 'grant_type=client_credentials',
            '127.0.0.1:' . $t->port('idp'),
            'application/x-www-form-urlencoded', 'close' ],
          'is a login as any other');
is($t->log_lines(qr/login failed/), 0, 'and its response is taken')
    or diag($t->log_lines(qr/login failed/));


####  what is for logins too

my $own = $providers =~ s/resolver [^;]*;//r;
my $resolver = 'resolver 127.0.0.1:%%PORT_dns%% ipv6=off;';

is(asks("$resolver error_log %%PREFIX%%/logs/http.log;", '',
        $own)->status, 200, 'the resolver');

$idp->answer('/token', { delay => 3 });

my $r = asks("$resolver error_log %%PREFIX%%/logs/http.log;
              proxy_read_timeout 200ms;", '', $own);

is($r->status, 504, 'a timeout');
cmp_ok($r->time, '<', $t->seconds(2), 'soon');
like($t->read_file('logs/http.log'), qr/upstream timed out.*"https"/,
     'the error log');

$r = asks("$resolver proxy_read_timeout 200ms;", 'proxy_read_timeout 20s;',
          $own);
is($r->status, 200, 'but the block is first');

$dns->silent(1);
$r = asks("$resolver resolver_timeout 200ms;", '', $own);
is($r->status, 504, 'the timeout of the resolver') or diag($r->status);
cmp_ok($r->time, '<', $t->seconds(2), 'soon');

$t->done;
