import { test } from "uvu";
import * as assert from "uvu/assert";
import { networkFunctions } from "../../src/functions/network.ts";
import { Calls } from "./calls.ts";

const calls = new Calls(networkFunctions);

test("examples hold", () => calls.checkExamples());

test("hosts", () => {
  calls.check([
    ['cidrhost("10.12.127.0/20", 268)', '"10.12.113.12"'],
    ['cidrhost("fd00:fd12:3456:7890:00a2::/72", 34)', '"fd00:fd12:3456:7890::22"'],
    ['cidrhost("10.0.0.0/30", -4)', '"10.0.0.0"'],
    ['cidrhost("10.0.0.0/32", 0)', '"10.0.0.0"'],
    ['cidrhost("10.0.0.0/08", 1)', '"10.0.0.1"'],
    ['cidrhost("::/0", 1e18)', '"::de0:b6b3:a764:0"'],
    ['cidrhost("1:0:0:2::/64", 1)', '"1:0:0:2::1"'],
    ['cidrhost("0:1:1:1::/64", 1)', '"0:1:1:1::1"'],
    ['cidrhost("1::/16", 1)', '"1::1"'],
    ['cidrhost("::ffff:10.0.0.0/104", 1)', '"::ffff:a00:1"'],
    ['cidrhost("1:2:3:4:5:6:7:0/128", 0)', '"1:2:3:4:5:6:7:0"'],
    ['cidrhost("10.0.0.0/30", 4)', /a prefix of 30 has no host number 4/],
    ['cidrhost("10.0.0.0/30", -5)', /no host number -5/],
    ['cidrhost("10.0.0.0/30", 1.5)', /whole number/],
    ['cidrhost("10.0.0.0/30", 1e30)', /64 bits/],
    ...["10.0.0.0", "10.0.0/8", "010.0.0.0/8", "10.0.0.0/33", "fe80::1%eth0/64", "::/129", "x", "10.0.0.0/+8", ""].map(
      (prefix) => [`cidrhost("${prefix}", 1)`, /is not an address with the length of its prefix/] as const,
    ),
  ]);
});

test("masks, of IPv6 too", () => {
  calls.check([
    ['cidrnetmask("172.16.0.0/0")', '"0.0.0.0"'],
    ['cidrnetmask("172.16.0.0/32")', '"255.255.255.255"'],
    ['cidrnetmask("fd00::/8")', '"ff00::"'],
  ]);
});

test("one subnet", () => {
  calls.check([
    ['cidrsubnet("10.1.2.0/24", 4, 15)', '"10.1.2.240/28"'],
    ['cidrsubnet("10.1.2.0/24", 0, 0)', '"10.1.2.0/24"'],
    ['cidrsubnet("10.1.2.3/24", 8, 7)', '"10.1.2.7/32"'],
    ['cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)', '"fd00:fd12:3456:7800:a200::/72"'],
    ['cidrsubnet("fe80::/48", 16, 6)', '"fe80:0:0:6::/64"'],
    ['cidrsubnet("2001:db8::/32", 32, 4294967295)', '"2001:db8:ffff:ffff::/64"'],
    ['cidrsubnet("10.1.2.0/24", 4, 16)', /no subnet number 16/],
    ['cidrsubnet("10.1.2.0/24", 4, -1)', /no subnet number -1/],
    ['cidrsubnet("10.1.2.0/24", 9, 1)', /24 bits cannot grow by 9/],
    ['cidrsubnet("10.1.2.0/24", -1, 0)', /must grow by 0 bits or more/],
    ['cidrsubnet("2001:db8::/32", 33, 1)', /more than 32 bits/],
    ['cidrsubnet("10.0.0.0/8", 1.5, 1)', /whole number/],
  ]);
});

test("several subnets", () => {
  calls.check([
    [
      'cidrsubnets("fd00:fd12:3456:7890::/56", 16, 16, 16, 32)',
      '["fd00:fd12:3456:7800::/72","fd00:fd12:3456:7800:100::/72","fd00:fd12:3456:7800:200::/72","fd00:fd12:3456:7800:300::/88"]',
    ],
    ['cidrsubnets("10.1.0.0/16", 8, 1)', '["10.1.0.0/24","10.1.128.0/17"]'],
    ['cidrsubnets("10.1.0.0/16")', "[]"],
    ['cidrsubnets("10.1.0.0/16", 0)', /by 1 bits or more/],
    ['cidrsubnets("10.1.0.0/16", 17)', /16 bits cannot grow by 17/],
    ['cidrsubnets("10.1.0.0/16", 33)', /more than 32 bits/],
    ['cidrsubnets("10.1.0.0/16", 1, 1, 1)', /no room left for a subnet with a prefix of 17/],
  ]);
  assert.is(calls.type('cidrsubnets("10.1.0.0/16")'), "list(string)");
});

test.run();
