#!/usr/bin/perl

# Tests the status page as a person has it: in a browser, which shows what is
# so, runs nothing, asks nobody else, and fits a telephone.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Browser;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $other = $t->upstream('other');
my $status = Test::OAuthCC::Status->new($t);

my $providers = join '', map { <<"CONF" } qw(fresh renewed failing backing);
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        scope "orders of $_";
        backoff @{[ $_ eq 'failing' ? '1ms 1ms' : '60s 60s' ]};
    }

CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

$providers

    oauthcc_provider unused {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/unused;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /fresh   { oauthcc fresh; proxy_pass http://api; }
        location /tenant  { oauthcc fresh scope=\$http_x; proxy_pass http://api; }
        location /renewed { oauthcc renewed; proxy_pass http://api; }
        location /failing { oauthcc failing; proxy_pass http://api; }
        location /backing { oauthcc backing; proxy_pass http://api; }
        location = /status { oauthcc_status control; }

        location = /canary {
            default_type text/html;
            return 200 "<link rel=icon href=data:,><img src='http://127.0.0.1:%%PORT_other%%/x'><script>oops()</script>";
        }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $site = 'http://127.0.0.1:' . $t->port('http');
my $browser = Test::OAuthCC::Browser->new($t->prefix);


####  what the checks below would see

$browser->open("$site/canary");
like(join("\n", $browser->complaints), qr/oops/, 'an error of a script');
is(scalar(grep { !/^\Q$site\E/ && !/^data:/ } $browser->urls), 1,
   'and a request to somebody else would be noticed');


####  the page

$t->get('/fresh') for 1 .. 3;
$t->get('/tenant', headers => [ X => '<script>document.title=1</script>' ]);

$idp->answer('/renewed', {}, { hold => 1 }, {});
$t->get('/renewed');
$t->request(POST => '/status', body => 'action=refresh&provider=renewed',
    headers => [ 'X-Requested-With' => 'test',
                 'Content-Type' => 'application/x-www-form-urlencoded' ]);

$idp->answer("/$_", { status => 401, body => JSON::PP->new->encode({
    error => 'invalid_client',
    error_description => "no such client <script>document.title = 2</script>"
                         . " <img src=x onerror='document.title = 3'>",
}) }) for qw(failing backing);
$t->get("/$_") for qw(failing backing);
$t->wait_for(sub { ($status->entries('failing'))[0]{state} eq 'failing' });
$t->wait_for(sub { grep { $_->{hits} == 2 } $status->entries('fresh') });

$browser->open("$site/status");

is($browser->run('document.contentType'), 'text/html', 'a browser gets HTML');
like($browser->run('document.title'), qr/^2 failing/,
     'the title says that something is wrong');

is(join(' ', $browser->texts('h2')), 'failing backing fresh renewed unused '
   . 'Last failed logins', 'the providers, those first that fail');

my @states = $browser->texts('td .tag');
is(join(', ', @states), 'failing, backing off, fresh, fresh, refreshing',
   'the states in words');

my @colors = @{ $browser->run(
    'Array.from(document.querySelectorAll("td .tag"),'
    . ' e => getComputedStyle(e).color)') };
is($colors[2], $colors[3], 'what is well has one color');
is($colors[0], $colors[1], 'what is not has another one');
isnt($colors[0], $colors[2], 'and they differ');

my $text = $browser->run('document.body.innerText');
like($text, qr/orders of fresh/, 'the scope of the provider');
like($text, qr/<script>document\.title=1/, 'what a request has set, as text');
like($text, qr/<script>document\.title = 2/, 'what the server said, as text');
like($text, qr/does not know the client/, 'and what it means');
like($text, qr/No login for \d\d s/, 'how long there is no login');
like($text, qr/59 min 5\d s/, 'the life that is left');
like($text, qr/No entry yet/, 'a provider that nobody has used');
unlike($text, qr/s3cret|tok-/, 'nothing secret');
like($text, qr/Method\s+client_secret_basic\s+Client ID\s+gateway/,
     'who logs in, and how');

my @bars = @{ $browser->run(
    'Array.from(document.querySelectorAll("td .bar i"),'
    . ' e => [e, e.parentNode].map(x => x.getBoundingClientRect().width))') };
is(scalar @bars, 3, 'each token has a bar');
is(scalar(grep { $_->[1] < 40 || $_->[0] < $_->[1] * 0.9 } @bars), 0,
   'nearly all of it is life that is left');

my $cells = $browser->run(
    'Array.from(document.querySelectorAll("tbody")[3].querySelectorAll("td"),'
    . ' e => e.dataset.l + ": " + e.innerText.replace(/\\s+/g, " ").trim())'
    . '.join(", ")');
my $time = qr/[\d.]+ m?s/;
my $day = qr/\d\d:\d\d:\d\d/;
my $date = qr/(?:\d{4}-\d\d-\d\d )?$day/;     # before midnight
like($cells, qr/^State:\ fresh,
                 \ Life\ left:\ 59\ min\ 5\d\ s\ of\ 1\ h,
                 \ Last\ login:\ $time\ ago\ at\ $date\ took\ $time,
                 \ Next\ refresh:\ in\ 5\d\ min(\ \d+\ s)?\ at\ $date,
                 \ Hits:\ 2, \ Logins:\ 1, \ Failures:\ 0,
                 \ Replays:\ 0, \ Waiters:\ 0$/x, 'what an entry has');
is($browser->run('document.querySelectorAll("script, img, iframe").length'),
   0, 'there is nothing to run or to load');

$browser->picture($t->prefix . '/wide.png');
like($t->read_file('wide.png'), qr/^\x89PNG/, 'it can be looked at');

is(join("\n", $browser->complaints), '', 'the browser has no complaint');
is_deeply([ grep { !/^data:/ } $browser->urls ], [ "$site/status" ],
          'and asks for nothing else');
is($other->count, 1, 'nobody else was asked');


####  as it changes

$idp->release;
$t->wait_for(sub { ($status->entries('renewed'))[0]{state} eq 'fresh' });
$browser->wait_load;
is(($browser->texts('td .tag'))[4], 'fresh', 'the page asks again by itself');
is($browser->run('document.querySelector("meta[http-equiv=refresh]").content'),
   5, 'every five seconds');


####  telephones, and the night

my $width = sub {
    return $browser->run('document.documentElement.scrollWidth');
};

for my $size ([ 390, 740 ], [ 360, 740 ], [ 768, 1024 ], [ 1280, 800 ],
              [ 1600, 900 ])
{
    $browser->size(@$size);
    $browser->open("$site/status");
    is($width->(), $size->[0], "a window of $size->[0] pixels is enough");
    is($browser->run('Array.from(document.querySelectorAll("body *"))'
                     . '.filter(e => { const r = e.getBoundingClientRect();'
                     . ' return r.width > 1 && (r.left < 0'
                     . ' || r.right > innerWidth); })'
                     . '.map(e => e.outerHTML).join()'),
       '', 'and nothing is outside');
    is($browser->run('Array.from(document.querySelectorAll("header, section,'
                     . ' nav, dl, ol, li, tr, td, dd, form"))'
                     . '.filter(e => e.clientWidth'
                     . ' && e.scrollWidth > e.clientWidth)'
                     . '.map(e => e.outerHTML).join()'),
       '', 'or cut off');
}

my $light = sub {
    $browser->open("$site/status");
    my ($r, $g, $b) = $browser->run(
        'getComputedStyle(document.body).backgroundColor') =~ /(\d+)/g;
    return ($r + $g + $b) / 3;
};

$browser->scheme('light');
cmp_ok($light->(), '>', 200, 'light by day');
$browser->scheme('dark');
cmp_ok($light->(), '<', 60, 'dark for who wants it so');

$browser->stop;
$t->done;
