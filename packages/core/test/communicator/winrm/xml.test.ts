import { test } from "uvu";
import * as assert from "uvu/assert";
import { allText, escapeXml, findElement, parseXml, XmlError } from "../../../src/communicator/winrm/xml.ts";

test("elements are found by namespace, whatever the prefix; text, attributes and references are read", () => {
  const root = parseXml(
    `\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<!-- <x> --><a:Root xmlns:a='urn:a' xmlns="urn:d" one="1 &amp; &#x1F600;" a:two='2'>
      <Inner>&lt;text&gt; <![CDATA[<&raw;>]]><!-- no --> &#228;</Inner><b:Deep xmlns:b="urn:a" ><Inner xmlns=""/></b:Deep></a:Root>\n`,
  );
  assert.is(root.namespace, "urn:a");
  assert.equal([...root.attributes], [["one", "1 & 😀"]]);
  assert.is(findElement(root, "urn:d", "Inner")?.text, "<text> <&raw;> ä");
  assert.is(findElement(findElement(root, "urn:a", "Deep"), "", "Inner")?.text, "");
  assert.is(findElement(root, "urn:b", "Deep"), undefined);
  assert.is(allText(root), "<text> <&raw;> ä");
});

test("what is written is read back", () => {
  const text = "a <b> & \"c\" 'd' ]]> \t\r\n ü 😀";
  assert.is(parseXml(`<a>${escapeXml(text)}</a>`).text, text);
  assert.is(parseXml(`<a b="${escapeXml(text)}"/>`).attributes.get("b"), text);
  assert.is(escapeXml("\u0000\u001b\uffff"), "???");
});

test("everything else is refused, quickly", () => {
  const documents: readonly string[] = [
    "",
    "text",
    "<a>",
    "<a></b>",
    "<a/><b/>",
    "<a/>text",
    "<a b=c/>",
    "<a b='1' b='2'/>",
    "<a b='<'/>",
    "<a>&unknown;</a>",
    "<a>&</a>",
    "<a>&#0;</a>",
    "<a>&#27;</a>",
    "<a>&#x110000;</a>",
    "<a>\u001b[2J</a>",
    "<x:a/>",
    "<a><!-- </a>",
    "<a><![CDATA[ </a>",
    "<![CDATA[a]]>",
    "<a><?php ?></a>",
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>',
    "<a>".repeat(33) + "</a>".repeat(33),
    `<a>${"<b/>".repeat(10_000)}</a>`,
    `<a${" ".repeat(500_000)}`,
    `<a${" b=''".repeat(50_000)}>`,
    `<${"a".repeat(500_000)}`,
  ];
  const start = process.cpuUsage();
  for (const document of documents) {
    assert.throws(
      () => parseXml(document),
      (error: unknown) => error instanceof XmlError,
      document.slice(0, 40),
    );
  }
  // A reader that goes back over what it has read would take minutes.
  assert.ok(process.cpuUsage(start).user < 5_000_000);
});

test.run();
