
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_date.h"
#include "login_json/php/oauthcc_php_strtotime.h"
#include "ngx_http_oauthcc_unit.h"


/* what PHP 8.2 makes of the same, in UTC */

typedef struct {
    char      *format;
    int64_t    sec;
    char      *expected;
} ngx_http_oauthcc_unit_date_t;


typedef struct {
    char      *text;
    int64_t    now;
    int64_t    expected;
} ngx_http_oauthcc_unit_strtotime_t;


/* an expected value of a text that is not understood */
#define NGX_HTTP_OAUTHCC_UNIT_REFUSED  -9000000000000

/* the last second that a number has */
#define NGX_HTTP_OAUTHCC_UNIT_FAR      ((int64_t) 9223372036854775807LL)


static ngx_int_t ngx_http_oauthcc_unit_date_hostile(
    ngx_http_oauthcc_unit_t *unit);


static ngx_http_oauthcc_unit_date_t  ngx_http_oauthcc_unit_dates[] = {

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      0,
      "01|Thu|1|Thursday|4|st|4|0|01|January|01|Jan|1" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      0,
      "31|0|1970|1970|70|am|AM|041|12|0|12|00|00" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      0,
      "00|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|1970-01-0"
      "1T00:00:00+00:00|Thu, 01 Jan 1970 00:00:00 +0000|0" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      1,
      "01|Thu|1|Thursday|4|st|4|0|01|January|01|Jan|1" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      1,
      "31|0|1970|1970|70|am|AM|041|12|0|12|00|00" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      1,
      "01|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|1970-01-0"
      "1T00:00:01+00:00|Thu, 01 Jan 1970 00:00:01 +0000|1" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      -1,
      "31|Wed|31|Wednesday|3|st|3|364|01|December|12|Dec|"
      "12" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      -1,
      "31|0|1970|1969|69|pm|PM|041|11|23|11|23|59" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      -1,
      "59|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|1969-12-3"
      "1T23:59:59+00:00|Wed, 31 Dec 1969 23:59:59 +0000|-"
      "1" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      1700000000,
      "14|Tue|14|Tuesday|2|th|2|317|46|November|11|Nov|11" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      1700000000,
      "30|0|2023|2023|23|pm|PM|967|10|22|10|22|13" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      1700000000,
      "20|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|2023-11-1"
      "4T22:13:20+00:00|Tue, 14 Nov 2023 22:13:20 +0000|1"
      "700000000" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      1704067199,
      "31|Sun|31|Sunday|7|st|0|364|52|December|12|Dec|12" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      1704067199,
      "31|0|2023|2023|23|pm|PM|041|11|23|11|23|59" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      1704067199,
      "59|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|2023-12-3"
      "1T23:59:59+00:00|Sun, 31 Dec 2023 23:59:59 +0000|1"
      "704067199" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      1704067200,
      "01|Mon|1|Monday|1|st|1|0|01|January|01|Jan|1" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      1704067200,
      "31|1|2024|2024|24|am|AM|041|12|0|12|00|00" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      1704067200,
      "00|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|2024-01-0"
      "1T00:00:00+00:00|Mon, 01 Jan 2024 00:00:00 +0000|1"
      "704067200" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      951782400,
      "29|Tue|29|Tuesday|2|th|2|59|09|February|02|Feb|2" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      951782400,
      "29|1|2000|2000|00|am|AM|041|12|0|12|00|00" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      951782400,
      "00|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|2000-02-2"
      "9T00:00:00+00:00|Tue, 29 Feb 2000 00:00:00 +0000|9"
      "51782400" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      -2208988800,
      "01|Mon|1|Monday|1|st|1|0|01|January|01|Jan|1" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      -2208988800,
      "31|0|1900|1900|00|am|AM|041|12|0|12|00|00" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      -2208988800,
      "00|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|1900-01-0"
      "1T00:00:00+00:00|Mon, 01 Jan 1900 00:00:00 +0000|-"
      "2208988800" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      4102444799,
      "31|Thu|31|Thursday|4|st|4|364|53|December|12|Dec|1"
      "2" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      4102444799,
      "31|0|2099|2099|99|pm|PM|041|11|23|11|23|59" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      4102444799,
      "59|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|2099-12-3"
      "1T23:59:59+00:00|Thu, 31 Dec 2099 23:59:59 +0000|4"
      "102444799" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      253402300800,
      "01|Sat|1|Saturday|6|st|6|0|52|January|01|Jan|1" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      253402300800,
      "31|1|9999|10000|00|am|AM|041|12|0|12|00|00" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      253402300800,
      "00|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|10000-01-"
      "01T00:00:00+00:00|Sat, 01 Jan 10000 00:00:00 +0000"
      "|253402300800" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      -62135596801,
      "31|Sun|31|Sunday|7|st|0|365|52|December|12|Dec|12" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      -62135596801,
      "31|1|0|0000|00|pm|PM|041|11|23|11|23|59" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      -62135596801,
      "59|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|0000-12-3"
      "1T23:59:59+00:00|Sun, 31 Dec 0000 23:59:59 +0000|-"
      "62135596801" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      1709164800,
      "29|Thu|29|Thursday|4|th|4|59|09|February|02|Feb|2" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      1709164800,
      "29|1|2024|2024|24|am|AM|041|12|0|12|00|00" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      1709164800,
      "00|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|2024-02-2"
      "9T00:00:00+00:00|Thu, 29 Feb 2024 00:00:00 +0000|1"
      "709164800" },

    { "d|D|j|l|N|S|w|z|W|F|m|M|n",
      1735603200,
      "31|Tue|31|Tuesday|2|st|2|365|01|December|12|Dec|12" },

    { "t|L|o|Y|y|a|A|B|g|G|h|H|i",
      1735603200,
      "31|1|2025|2024|24|am|AM|041|12|0|12|00|00" },

    { "s|u|v|e|I|O|P|p|T|Z|c|r|U",
      1735603200,
      "00|000000|000|UTC|0|+0000|+00:00|Z|UTC|0|2024-12-3"
      "1T00:00:00+00:00|Tue, 31 Dec 2024 00:00:00 +0000|1"
      "735603200" },

    { "Y-m-d\\TH:i:s\\Z",
      1700000000,
      "2023-11-14T22:13:20Z" },

    { "Y-m-d\\TH:i:s\\Z",
      -1,
      "1969-12-31T23:59:59Z" },

    { "\\\\d",
      1700000000,
      "\\14" },

    { "\\\\d",
      -1,
      "\\31" },

    { "",
      1700000000,
      "" },

    { "",
      -1,
      "" },

    { "Y-m-d H:i:s",
      1700000000,
      "2023-11-14 22:13:20" },

    { "Y-m-d H:i:s",
      -1,
      "1969-12-31 23:59:59" },

    { "l jS \\of F Y h:i:s A",
      1700000000,
      "Tuesday 14th of November 2023 10:13:20 PM" },

    { "l jS \\of F Y h:i:s A",
      -1,
      "Wednesday 31st of December 1969 11:59:59 PM" },

    { "Ymd",
      1700000000,
      "20231114" },

    { "Ymd",
      -1,
      "19691231" },

    { "xXqk!",
      1700000000,
      "2023+2023qk!" },

    { "xXqk!",
      -1,
      "1969+1969qk!" },

    { "Y|y|c",
      -77000000000,
      "-0471|-71|-471-12-20T07:06:40+00:00" },

    { "r",
      -77000000000,
      "Fri, 20 Dec -471 07:06:40 +0000" },

    { "x|X|y|o-W",
      -62167219201,
      "-0001|-0001|-1|-1-52" },

    { "o-W",
      1609459200,
      "2020-53" },

    { "o-W",
      1230681600,
      "2009-01" },

    { "c",
      -62167219201,
      "-001-12-31T23:59:59+00:00" },

    /* the least and the greatest number of seconds */

    { "U",
      -NGX_HTTP_OAUTHCC_UNIT_FAR - 1,
      "-9223372036854775808" },

    { "o-W U",
      NGX_HTTP_OAUTHCC_UNIT_FAR,
      "292277026596-48 9223372036854775807" },

    { NULL, 0, NULL }
};


static ngx_http_oauthcc_unit_strtotime_t  ngx_http_oauthcc_unit_points[] = {

    { "now",
      1700000000, 1700000000 },
    { "now",
      1706662861, 1706662861 },
    { "now",
      951782400, 951782400 },
    { "today",
      1700000000, 1699920000 },
    { "today",
      1706662861, 1706659200 },
    { "today",
      951782400, 951782400 },
    { "midnight",
      1700000000, 1699920000 },
    { "midnight",
      1706662861, 1706659200 },
    { "midnight",
      951782400, 951782400 },
    { "noon",
      1700000000, 1699963200 },
    { "noon",
      1706662861, 1706702400 },
    { "noon",
      951782400, 951825600 },
    { "tomorrow",
      1700000000, 1700006400 },
    { "tomorrow",
      1706662861, 1706745600 },
    { "tomorrow",
      951782400, 951868800 },
    { "yesterday",
      1700000000, 1699833600 },
    { "yesterday",
      1706662861, 1706572800 },
    { "yesterday",
      951782400, 951696000 },
    { "tomorrow noon",
      1700000000, 1700049600 },
    { "tomorrow noon",
      1706662861, 1706788800 },
    { "tomorrow noon",
      951782400, 951912000 },
    { "yesterday 14:00",
      1700000000, 1699884000 },
    { "yesterday 14:00",
      1706662861, 1706623200 },
    { "yesterday 14:00",
      951782400, 951746400 },
    { "today +2 hours",
      1700000000, 1699927200 },
    { "today +2 hours",
      1706662861, 1706666400 },
    { "today +2 hours",
      951782400, 951789600 },
    { "NOW",
      1700000000, 1700000000 },
    { "NOW",
      1706662861, 1706662861 },
    { "NOW",
      951782400, 951782400 },
    { "Tomorrow",
      1700000000, 1700006400 },
    { "Tomorrow",
      1706662861, 1706745600 },
    { "Tomorrow",
      951782400, 951868800 },
    { "@0",
      1700000000, 0 },
    { "@1700000000",
      1700000000, 1700000000 },
    { "@-86400",
      1700000000, -86400 },
    { "@1700000000.5",
      1700000000, 1700000000 },
    { "@1700000000 +1 day",
      1700000000, 1700086400 },
    { "2024-01-02",
      1700000000, 1704153600 },
    { "2024-1-2",
      1700000000, 1704153600 },
    { "2024/01/02",
      1700000000, 1704153600 },
    { "01/02/2024",
      1700000000, 1704153600 },
    { "02.01.2024",
      1700000000, 1704153600 },
    { "02-01-2024",
      1700000000, 1704153600 },
    { "20240102",
      1700000000, 1704153600 },
    { "2024-01-02T03:04:05Z",
      1700000000, 1704164645 },
    { "2024-01-02T03:04:05",
      1700000000, 1704164645 },
    { "2024-01-02 03:04:05",
      1700000000, 1704164645 },
    { "2024-01-02 03:04",
      1700000000, 1704164640 },
    { "2024-01-02T03:04:05.123456Z",
      1700000000, 1704164645 },
    { "2024-01-02T03:04:05+02:00",
      1700000000, 1704157445 },
    { "2024-01-02T03:04:05-0530",
      1700000000, 1704184445 },
    { "2024-01-02T03:04:05+02",
      1700000000, 1704157445 },
    { "2024-01-02 03:04:05 +0100",
      1700000000, 1704161045 },
    { "2024-01-02 03:04:05 UTC",
      1700000000, 1704164645 },
    { "2024-01-02 03:04:05 EST",
      1700000000, 1704182645 },
    { "2024-01-02 03:04:05 PDT",
      1700000000, 1704189845 },
    { "20240102T030405Z",
      1700000000, 1704164645 },
    { "20240102T030405",
      1700000000, 1704164645 },
    { "2024-01-02t03:04:05z",
      1700000000, 1704164645 },
    { "2024-01-02T24:00:00Z",
      1700000000, 1704240000 },
    { "2024-01-02 3:04 pm",
      1700000000, 1704207840 },
    { "2024-01-02 12:00 AM",
      1700000000, 1704153600 },
    { "2024-01-02 12:30 PM",
      1700000000, 1704198600 },
    { "Tue, 02 Jan 2024 03:04:05 GMT",
      1700000000, 1704164645 },
    { "02 Jan 2024 03:04:05 +0000",
      1700000000, 1704164645 },
    { "Tuesday, 02-Jan-24 03:04:05 GMT",
      1700000000, 1704164645 },
    { "Tue Jan  2 03:04:05 2024",
      1700000000, 1704164645 },
    { "Tue Jan  2 03:04:05 2024",
      1706662861, 1704164645 },
    { "Tue Jan  2 03:04:05 2024",
      951782400, 1704164645 },
    { "2 January 2024",
      1700000000, 1704153600 },
    { "2 January 2024",
      1706662861, 1704153600 },
    { "2 January 2024",
      951782400, 1704153600 },
    { "Jan 2 2024",
      1700000000, 1704153600 },
    { "Jan 2 2024",
      1706662861, 1704153600 },
    { "Jan 2 2024",
      951782400, 1704153600 },
    { "January 2, 2024",
      1700000000, 1704153600 },
    { "January 2, 2024",
      1706662861, 1704153600 },
    { "January 2, 2024",
      951782400, 1704153600 },
    { "2 Jan 2024 10:00",
      1700000000, 1704189600 },
    { "2 Jan 2024 10:00",
      1706662861, 1704189600 },
    { "2 Jan 2024 10:00",
      951782400, 1704189600 },
    { "02-Jan-1999",
      1700000000, 915235200 },
    { "2 Jan",
      1700000000, 1672617600 },
    { "2 Jan",
      1706662861, 1704153600 },
    { "2 Jan",
      951782400, 946771200 },
    { "Jan 2",
      1700000000, 1672617600 },
    { "Jan 2",
      1706662861, 1704153600 },
    { "Jan 2",
      951782400, 946771200 },
    { "Sun, 06 Nov 1994 08:49:37 GMT",
      1700000000, 784111777 },
    { "Wed, 02 Jan 2024 03:04:05 GMT",
      1700000000, 1704251045 },
    { "+1 day",
      1700000000, 1700086400 },
    { "+1 day",
      1706662861, 1706749261 },
    { "+1 day",
      951782400, 951868800 },
    { "-1 day",
      1700000000, 1699913600 },
    { "-1 day",
      1706662861, 1706576461 },
    { "-1 day",
      951782400, 951696000 },
    { "+1 week",
      1700000000, 1700604800 },
    { "+1 week",
      1706662861, 1707267661 },
    { "+1 week",
      951782400, 952387200 },
    { "-2 weeks",
      1700000000, 1698790400 },
    { "-2 weeks",
      1706662861, 1705453261 },
    { "-2 weeks",
      951782400, 950572800 },
    { "+1 month",
      1700000000, 1702592000 },
    { "+1 month",
      1706662861, 1709341261 },
    { "+1 month",
      951782400, 954288000 },
    { "-1 month",
      1700000000, 1697321600 },
    { "-1 month",
      1706662861, 1703984461 },
    { "-1 month",
      951782400, 949104000 },
    { "+1 year",
      1700000000, 1731622400 },
    { "+1 year",
      1706662861, 1738285261 },
    { "+1 year",
      951782400, 983404800 },
    { "+1 hour 30 minutes",
      1700000000, 1700005400 },
    { "+1 hour 30 minutes",
      1706662861, 1706668261 },
    { "+1 hour 30 minutes",
      951782400, 951787800 },
    { "+90 sec",
      1700000000, 1700000090 },
    { "+90 sec",
      1706662861, 1706662951 },
    { "+90 sec",
      951782400, 951782490 },
    { "3 days ago",
      1700000000, 1699740800 },
    { "3 days ago",
      1706662861, 1706403661 },
    { "3 days ago",
      951782400, 951523200 },
    { "1 week ago",
      1700000000, 1699395200 },
    { "1 week ago",
      1706662861, 1706058061 },
    { "1 week ago",
      951782400, 951177600 },
    { "2 hours 5 minutes ago",
      1700000000, 1699992500 },
    { "2 hours 5 minutes ago",
      1706662861, 1706655361 },
    { "2 hours 5 minutes ago",
      951782400, 951774900 },
    { "next month",
      1700000000, 1702592000 },
    { "next month",
      1706662861, 1709341261 },
    { "next month",
      951782400, 954288000 },
    { "last year",
      1700000000, 1668464000 },
    { "last year",
      1706662861, 1675126861 },
    { "last year",
      951782400, 920246400 },
    { "next week",
      1700000000, 1700518400 },
    { "next week",
      1706662861, 1707094861 },
    { "next week",
      951782400, 952300800 },
    { "last day",
      1700000000, 1699913600 },
    { "last day",
      1706662861, 1706576461 },
    { "last day",
      951782400, 951696000 },
    { "this week",
      1700000000, 1699913600 },
    { "this week",
      1706662861, 1706490061 },
    { "this week",
      951782400, 951696000 },
    { "+ 1 day",
      1700000000, 1700086400 },
    { "+ 1 day",
      1706662861, 1706749261 },
    { "+ 1 day",
      951782400, 951868800 },
    { "1 day",
      1700000000, 1700086400 },
    { "1 day",
      1706662861, 1706749261 },
    { "1 day",
      951782400, 951868800 },
    { "+1 fortnight",
      1700000000, 1701209600 },
    { "+1 fortnight",
      1706662861, 1707872461 },
    { "+1 fortnight",
      951782400, 952992000 },
    { "2024-01-31 +1 month",
      1700000000, 1709337600 },
    { "2024-02-29 +1 year",
      1700000000, 1740787200 },
    { "2024-03-31 -1 month",
      1700000000, 1709337600 },
    { "2024-01-02 03:04:05 +1 day",
      1700000000, 1704251045 },
    { "2024-01-02 03:04:05+01:00 +1 day",
      1700000000, 1704247445 },
    { "2024-02-30",
      1700000000, 1709251200 },
    { "2024-02-31",
      1700000000, 1709337600 },
    { "2023-02-29",
      1700000000, 1677628800 },
    { "2024-12-31T23:59:60Z",
      1700000000, 1735689600 },
    { "monday",
      1700000000, 1700438400 },
    { "monday",
      1706662861, 1707091200 },
    { "monday",
      951782400, 952300800 },
    { "next monday",
      1700000000, 1700438400 },
    { "next monday",
      1706662861, 1707091200 },
    { "next monday",
      951782400, 952300800 },
    { "last friday",
      1700000000, 1699574400 },
    { "last friday",
      1706662861, 1706227200 },
    { "last friday",
      951782400, 951436800 },
    { "friday",
      1700000000, 1700179200 },
    { "friday",
      1706662861, 1706832000 },
    { "friday",
      951782400, 952041600 },
    { "next tuesday",
      1700000000, 1700524800 },
    { "next tuesday",
      1706662861, 1707177600 },
    { "next tuesday",
      951782400, 952387200 },
    { "monday next week",
      1700000000, 1700438400 },
    { "monday next week",
      1706662861, 1707091200 },
    { "monday next week",
      951782400, 952300800 },
    { "sunday this week",
      1700000000, 1700352000 },
    { "sunday this week",
      1706662861, 1707004800 },
    { "sunday this week",
      951782400, 952214400 },
    { "friday last week",
      1700000000, 1699574400 },
    { "friday last week",
      1706662861, 1706227200 },
    { "friday last week",
      951782400, 951436800 },
    { "2024-13-01",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "2024-01-32",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "2024-01-02 25:00:00",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "2024-01-02 03:60",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "foo",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "foo",
      1706662861, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "foo",
      951782400, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "2024-01-02 foo",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "",
      1706662861, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "",
      951782400, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "+",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "+",
      1706662861, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "+",
      951782400, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "-",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "-",
      1706662861, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "-",
      951782400, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "12345678901",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "@",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "@x",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "2024-01-02 2024-01-03",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "03:04:05 04:05:06",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "2024-01-02T03:04:05ZZ",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "1e5",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "1e5",
      1706662861, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "1e5",
      951782400, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "{\"a\":1}",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "{\"a\":1}",
      1706662861, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "{\"a\":1}",
      951782400, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "2024-01",
      1700000000, 1704067200 },
    { "Janu 2",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "Janu 2",
      1706662861, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "Janu 2",
      951782400, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "2024-02-30 +1 month",
      1700000000, 1711929600 },
    { "2023-06-31 -1 month",
      1700000000, 1685577600 },
    { "2024-01-31 24:00 +1 month",
      1700000000, 1709251200 },
    { "monday +1 month",
      1700000000, 1703030400 },
    { "monday +1 year",
      1700000000, 1732060800 },
    { "friday 24:30",
      1700000000, 1700181000 },
    { "10:00 tomorrow",
      1700000000, 1700006400 },
    { "tomorrow 10:00",
      1700000000, 1700042400 },
    { "10:00 noon",
      1700000000, 1699963200 },
    { "noon 10:00",
      1700000000, NGX_HTTP_OAUTHCC_UNIT_REFUSED },
    { "2024-01-02 10:00 monday",
      1700000000, 1704672000 },
    { "2024-01-02 03:04:05 today",
      1700000000, 1704153600 },
    { "2024-01-02T03:04:05-05:30 tuesday",
      1700000000, 1704173400 },
    { "+3 days tomorrow",
      1700000000, 1700006400 },
    { "tomorrow +3 days",
      1700000000, 1700265600 },
    { "yesterday tomorrow",
      1700000000, 1700006400 },
    { "next weeks",
      1700000000, 1700604800 },
    { "next week friday",
      1700000000, 1700784000 },
    { "next monday -8 days",
      1700000000, 1699747200 },
    { "next monday -3 days",
      1700000000, 1700179200 },
    { "last monday +9 days",
      1700000000, 1700611200 },
    { "last tuesday",
      1700000000, 1699315200 },
    { "this tuesday",
      1700000000, 1699920000 },
    { "monday 3 days ago",
      1700000000, 1698969600 },
    { "sunday ago",
      1700000000, 1699747200 },
    { "@1700000000 +1 month",
      1700000000, 1702678400 },
    { "@1700000000 1 day ago",
      1700000000, -1700086400 },
    { "@1700000000 monday",
      1700000000, 1700345600 },
    { "@1700000000 10:00",
      1700000000, 1700036000 },
    { "@-1.5",
      1700000000, -2 },
    { "@-2.0",
      1700000000, -2 },
    { "2024-01-02Z",
      1700000000, 1704153600 },
    { "2024-01-02+01:00",
      1700000000, 1704150000 },
    { "10:00 today +02:00",
      1700000000, 1699912800 },

    { NULL, 0, 0 }
};


ngx_int_t
ngx_http_oauthcc_unit_date(ngx_http_oauthcc_unit_t *unit)
{
    int64_t                             sec;
    ngx_str_t                           text, out, expected;
    ngx_http_oauthcc_unit_date_t       *date;
    ngx_http_oauthcc_unit_strtotime_t  *point;

    for (date = ngx_http_oauthcc_unit_dates; date->format; date++) {

        text.data = (u_char *) date->format;
        text.len = ngx_strlen(date->format);

        expected.data = (u_char *) date->expected;
        expected.len = ngx_strlen(date->expected);

        if (ngx_http_oauthcc_date(unit->pool, &text, date->sec, &out)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_http_oauthcc_unit_string(unit, &out, &expected, date->format);
    }

    for (point = ngx_http_oauthcc_unit_points; point->text; point++) {

        text.data = (u_char *) point->text;
        text.len = ngx_strlen(point->text);

        if (ngx_http_oauthcc_strtotime(&text, point->now, &sec) != NGX_OK) {
            sec = NGX_HTTP_OAUTHCC_UNIT_REFUSED;
        }

        ngx_http_oauthcc_unit_number(unit, sec, point->expected, point->text);
    }

    return ngx_http_oauthcc_unit_date_hostile(unit);
}


/* Made of pieces that dates are made of: whatever it is, it has an end. */

static ngx_int_t
ngx_http_oauthcc_unit_date_hostile(ngx_http_oauthcc_unit_t *unit)
{
    u_char       *p, *buf;
    int64_t       sec;
    ngx_str_t     text, format, out;
    ngx_uint_t    i, k, good;

    static char  *pieces[] = {
        "2024", "-", "01", "T", ":", "99999999999999999999", "+", " ", "day",
        "month", "years", "@", ".", "ago", "next", "GMT", "Jan", "12", "0",
        "Tue,", "tomorrow", "/", "Z", "\xff", "\0", "999999999"
    };

    good = 0;

    ngx_str_set(&format, "c r U o-W z");

    for (i = 0; i < 100000; i++) {

        /* just as long as it is: the sanitizer sees a byte too many */

        text.len = 0;
        buf = ngx_alloc(256, unit->log);
        if (buf == NULL) {
            return NGX_ERROR;
        }

        p = buf;

        for (k = ngx_random() % 12; k; k--) {
            p = ngx_sprintf(p, "%s", pieces[ngx_random()
                                            % (sizeof(pieces)
                                               / sizeof(pieces[0]))]);
        }

        text.len = p - buf;
        text.data = ngx_alloc(text.len + !text.len, unit->log);
        if (text.data == NULL) {
            ngx_free(buf);
            return NGX_ERROR;
        }

        ngx_memcpy(text.data, buf, text.len);

        if (ngx_http_oauthcc_strtotime(&text, 1700000000, &sec) == NGX_OK) {
            good++;

            if (i % 16 == 0
                && ngx_http_oauthcc_date(unit->pool, &format, sec, &out)
                   != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        ngx_free(text.data);
        ngx_free(buf);
    }

    ngx_http_oauthcc_unit_ok(unit, good > 0, "some of 100000 are dates");

    return NGX_OK;
}
