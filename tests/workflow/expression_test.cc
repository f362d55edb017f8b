#include "workflow/expression.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ranges>

#include "base/text.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

const Json& scope() {
  static const Json kScope = Json::parse(R"json({
    "contact": {"name": "Ana Luísa", "phone": "+15550001", "language": null, "tags": ["vip", "new"], "empty": [],
      "fields": {"city": "Porto", "age": 41, "member": true, "ratio": 1.5, "first name": "A.", "a.b": "dotted",
        "a.c": {"d": "deeper"}, "odd": "{{contact.name}}", "blank": "", "spaced": "  x  ", "price": "12.50",
        "big": 1234567.891, "whole": 12.0, "minus": "-3", "street": "straße", "greek": "ΤΕΛΟΣ", "quote": "say \"hi\"",
        "day": "2026-12-01", "local": "2026-12-01T09:05", "spelt": "tomorrow", "its": "it's", "emoji": "🙏🏽 yes",
        "lines": "a\nb", "it's": "apostrophe", "address": {"street": "Rua 1", "zip": "4000"}}},
    "conversation": {"id": "c-1", "fields": {"step": "two"}},
    "message": {"id": "m-1", "type": "text", "text": "Hi"},
    "timestamp": "2026-11-23T10:00:00.000Z",
    "reply": {"id": "yes", "text": null},
    "response": {"status": 200, "headers": {"content-type": "application/json", "x.y": "z"},
      "body": {"total": 3, "items": [{"name": "Shoe", "price": 49.9}, {"name": "Sock", "price": 5}], "grid": [[1, 2], [3]],
        "paid": 1764579900, "shipped": 1764579900123, "none": null, "list": [{"a": 1}, "b"]}},
    "steps": {"send_1": {"messageId": "w-9"}, "node.with.dots": {"messageId": "w-10"}},
    "workspace": {"timeZone": "Europe/Berlin"},
    "now": "2026-07-01T22:30:15.250Z"})json");
  return kScope;
}

// text => what fill_value makes of it, as JSON ?? what is unknown. Where it is a text, fill gives the same.
constexpr std::string_view kTable = R"table(
# Plain
plain => "plain"
a { b } c => "a { b } c"
{contact.name} => "{contact.name}"
{"a": {"b": 1}} => "{\"a\": {\"b\": 1}}"

# Paths
{{contact.name}} => "Ana Luísa"
{{ contact.name }} => "Ana Luísa"
{{	contact.name	}} => "Ana Luísa"
Hi {{contact.name}}! => "Hi Ana Luísa!"
{{contact.name}}{{contact.name}} => "Ana LuísaAna Luísa"
{{contact.fields.city}} => "Porto"
{{contact.fields.first name}} => "A."
{{contact.fields.it's}} => "apostrophe"
{{contact.fields.a.b}} => "dotted"
{{contact.fields.a.c.d}} => "deeper"
{{contact.fields.address.street}} => "Rua 1"
{{conversation.fields.step}} => "two"
{{timestamp}} => "2026-11-23T10:00:00.000Z"
{{response.headers.content-type}} => "application/json"
{{response.headers.x.y}} => "z"
{{steps.send_1.messageId}} => "w-9"
{{steps.node.with.dots.messageId}} => "w-10"

# Places in lists
{{contact.tags.0}} => "vip"
{{contact.tags.1}} => "new"
{{contact.tags.-1}} => "new"
{{contact.tags.-2}} => "vip"
{{contact.tags.2}} => null ?? contact.tags.2
{{contact.tags.-3}} => null ?? contact.tags.-3
{{contact.tags.01}} => "new"
{{contact.tags.+1}} => null ?? contact.tags.+1
{{contact.tags.1.0}} => null ?? contact.tags.1.0
{{contact.tags.first}} => null ?? contact.tags.first
{{contact.tags.}} => null ?? contact.tags.
{{contact.tags.99999999999999999999}} => null ?? contact.tags.99999999999999999999
{{contact.empty.0}} => null ?? contact.empty.0
{{response.body.items.0.name}} => "Shoe"
{{response.body.items.-1.name}} => "Sock"
{{response.body.items.0.price}} => 49.9
{{response.body.items.0.price}} € => "49.9 €"
{{response.body.items.0.size}} => null ?? response.body.items.0.size
{{response.body.grid.0.1}} => 2
{{response.body.grid.1}} => [3]
{{contact.name.0}} => null ?? contact.name.0

# Types: an expression alone keeps its value's
{{contact.fields.age}} => 41
{{contact.fields.member}} => true
{{contact.fields.ratio}} => 1.5
{{contact.language}} => null
{{contact.tags}} => ["vip","new"]
{{contact.empty}} => []
{{contact.fields.address}} => {"street":"Rua 1","zip":"4000"}
{{response.body.items}} => [{"name":"Shoe","price":49.9},{"name":"Sock","price":5}]
{{response.body.none}} => null
 {{contact.fields.age}} => " 41"
{{contact.fields.age}}. => "41."
{{contact.fields.member}}! => "true!"
{{contact.fields.ratio}}! => "1.5!"
[{{contact.language}}] => "[]"
[{{contact.tags}}] => "[vip, new]"
[{{contact.empty}}] => "[]"
[{{response.body.grid}}] => "[]"
[{{contact.fields.address}}] => "[]" ?? contact.fields.address
[{{contact}}] => "[]" ?? contact
{{response.status}}{{response.body.total}} => "2003"

# Unknown
a{{contact.fields.x}}b => "ab" ?? contact.fields.x
{{contact.fields.x}} => null ?? contact.fields.x
{{foo}}-{{bar}}-{{foo}} => "--" ?? foo; bar
{{foo.bar}} => null ?? foo.bar
{{.}} => null ?? .
{{contact.}} => null ?? contact.
{{contact..name}} => null ?? contact..name
{{CONTACT.NAME}} => null ?? CONTACT.NAME
{{contact.fields.x | upper}} => null ?? contact.fields.x
[{{contact.fields.x | upper}}] => "[]" ?? contact.fields.x
{{1 + 1}} => null ?? 1 + 1
{{contact.name.upper()}} => null ?? contact.name.upper()

# What is no expression stays
{{contact.name => "{{contact.name"
contact.name}} => "contact.name}}"
{{}} => "{{}}"
{{ }} => "{{ }}"
{{ }} {{message.text}} => "{{ }} Hi"
{{{message.text}}} => "{Hi}"
{{{{message.text}}}} => "{{Hi}}"
}}{{ => "}}{{"
{{a}b}} => "{{a}b}}"
{{contact.{{message.text}} => "{{contact.Hi"
{{| upper}} => "{{| upper}}"
{{contact.fields.odd}} => "{{contact.name}}"
<{{contact.fields.odd}}> => "<{{contact.name}}>"

# A faulty one stays
{{message.text | uper}} => "{{message.text | uper}}"
{{message.text | uper}} {{message.text}} => "{{message.text | uper}} Hi"
{{message.text |}} => "{{message.text |}}"
{{message.text | | upper}} => "{{message.text | | upper}}"
{{message.text | upper:}} => "{{message.text | upper:}}"
{{message.text | upper:1}} => "{{message.text | upper:1}}"
{{message.text | upper lower}} => "{{message.text | upper lower}}"
{{message.text | UPPER}} => "{{message.text | UPPER}}"
{{message.text | upper} => "{{message.text | upper}"
{{message.text | default}} => "{{message.text | default}}"
{{message.text | default:x}} => "{{message.text | default:x}}"
{{message.text | default:"x}} => "{{message.text | default:\"x}}"
{{message.text | default:"x" "y"}} => "{{message.text | default:\"x\" \"y\"}}"
{{message.text | default:contact.name}} => "{{message.text | default:contact.name}}"
{{message.text | truncate}} => "{{message.text | truncate}}"
{{message.text | truncate:0}} => "{{message.text | truncate:0}}"
{{message.text | truncate:-1}} => "{{message.text | truncate:-1}}"
{{message.text | truncate:1.5}} => "{{message.text | truncate:1.5}}"
{{message.text | truncate:"5"}} => "{{message.text | truncate:\"5\"}}"
{{message.text | date:"DDD"}} => "{{message.text | date:\"DDD\"}}"
{{message.text | date:"[DD"}} => "{{message.text | date:\"[DD\"}}"
{{message.text | date:"DD":"Mars/Base"}} => "{{message.text | date:\"DD\":\"Mars/Base\"}}"
{{message.text | number:10}} => "{{message.text | number:10}}"
{{message.text | number:"2"}} => "{{message.text | number:\"2\"}}"
{{message.text | json:1}} => "{{message.text | json:1}}"
{{message.text | trim | trim | trim | trim | trim | trim | trim | trim | trim}} => "{{message.text | trim | trim | trim | trim | trim | trim | trim | trim | trim}}"

# default
{{contact.fields.x | default:"there"}} => "there"
Hi {{contact.fields.x | default:"there"}} => "Hi there"
{{contact.fields.x|default:"there"}} => "there"
{{ contact.fields.x | default : "there" }} => "there"
{{contact.fields.x | default:'there'}} => "there"
{{contact.language | default:"pt"}} => "pt"
{{contact.fields.blank | default:"b"}} => "b"
{{contact.empty | default:"none"}} => "none"
{{contact.name | default:"there"}} => "Ana Luísa"
{{contact.fields.member | default:"no"}} => true
{{contact.fields.x | default:0}} => 0
{{contact.fields.x | default:-1.5}} => -1.5
{{contact.fields.x | default:""}} => ""
{{contact.fields.address | default:"x"}} => {"street":"Rua 1","zip":"4000"}
{{contact.fields.x | default:"}}"}} => "}}"
{{contact.fields.x | default:"a | b: {{c}}"}}! => "a | b: {{c}}!"
{{contact.fields.x | default:"say \"hi\""}} => "say \"hi\""
{{contact.fields.x | default:'it\'s'}} => "it's"
{{contact.fields.x | default:"it's"}} => "it's"
{{contact.fields.x | default:"back\\slash"}} => "back\\slash"
{{contact.fields.x | default:"two\nlines"}} => "two\nlines"
{{contact.fields.x | default:"\q"}} => "q"
{{contact.fields.x | default:"ü 🙏"}} => "ü 🙏"
{{contact.fields.x | default:"a" | default:"b"}} => "a"
{{contact.fields.x | default:"" | default:"b"}} => "b"
{{contact.fields.x | default:"there" | upper}} => "THERE"
{{contact.fields.x | upper | default:"there"}} => "there"
{{reply.text | default:"nothing"}} => "nothing"

# upper, lower, trim
{{contact.name | upper}} => "ANA LUÍSA"
{{contact.name | lower}} => "ana luísa"
{{contact.fields.street | upper}} => "STRASSE"
{{contact.fields.greek | lower}} => "τελος"
{{contact.tags | upper}} => "VIP, NEW"
{{contact.fields.age | upper}} => "41"
{{contact.fields.member | upper}} => "TRUE"
{{contact.language | upper}} => null
{{contact.fields.address | upper}} => null ?? contact.fields.address | upper
{{contact.fields.spaced | trim}} => "x"
<{{contact.fields.spaced}}> => "<  x  >"
{{contact.fields.blank | trim}} => ""
{{message.text | upper | lower | upper}} => "HI"
{{message.text | trim | trim | trim | trim | trim | trim | trim | upper}} => "HI"

# truncate
{{contact.name | truncate:3}} => "An…"
{{contact.name | truncate:9}} => "Ana Luísa"
{{contact.name | truncate:8}} => "Ana Luí…"
{{contact.name | truncate:1}} => "…"
{{contact.name | truncate:65536}} => "Ana Luísa"
{{contact.fields.emoji | truncate:2}} => "🙏…"
{{contact.fields.age | truncate:1}} => "…"
{{contact.tags | truncate:4}} => "vip…"
{{contact.fields.x | truncate:4}} => null ?? contact.fields.x

# date: the workspace is in Berlin
{{timestamp | date}} => "2026-11-23 11:00"
{{timestamp | date:"DD.MM.YYYY HH:mm"}} => "23.11.2026 11:00"
{{now | date:"DD.MM.YYYY HH:mm:ss"}} => "02.07.2026 00:30:15"
{{now | date:"D/M/YY h:mm A"}} => "2/7/26 12:30 AM"
{{now | date:"HH:mm":"UTC"}} => "22:30"
{{now | date:"hh:mm A":"America/New_York"}} => "06:30 PM"
{{now | date:"YYYY-MM-DD[T]HH:mm"}} => "2026-07-02T00:30"
{{now | date:"H [o'clock]"}} => "0 o'clock"
{{now | date:"[]"}} => ""
{{now | date:""}} => ""
{{now | date:"DD年MM月"}} => "02年07月"
{{contact.fields.day | date:"DD.MM.YYYY"}} => "01.12.2026"
{{contact.fields.day | date:"HH:mm"}} => "00:00"
{{contact.fields.local | date:"DD.MM. HH:mm"}} => "01.12. 09:05"
{{contact.fields.local | date:"HH:mm":"Asia/Tokyo"}} => "09:05"
{{response.body.paid | date:"DD.MM.YYYY HH:mm"}} => "01.12.2025 10:05"
{{response.body.shipped | date:"HH:mm:ss"}} => "10:05:00"
{{contact.fields.spelt | date}} => null ?? contact.fields.spelt | date
[{{contact.fields.spelt | date:"DD"}}] => "[]" ?? contact.fields.spelt | date:"DD"
{{contact.fields.spelt | date | default:"soon"}} => "soon"
{{contact.fields.member | date}} => null ?? contact.fields.member | date
{{contact.tags | date}} => null ?? contact.tags | date
{{contact.fields.blank | date}} => null
{{contact.language | date}} => null

# number
{{contact.fields.price | number}} => 12.5
{{contact.fields.price | number}} € => "12.5 €"
{{contact.fields.price | number:2}} => 12.5
{{contact.fields.price | number:2}} € => "12.50 €"
{{contact.fields.price | number:0}} => 13
{{contact.fields.minus | number}} => -3
{{contact.fields.minus | number:1}}! => "-3.0!"
{{contact.fields.whole | number}}! => "12!"
{{contact.fields.big | number:2}} => 1234567.89
{{contact.fields.big | number:2:","}} => 1234567.89
{{contact.fields.big | number:2:","}}! => "1234567,89!"
{{contact.fields.big | number:2:",":"."}} € => "1.234.567,89 €"
{{contact.fields.big | number:0:"":" "}}! => "1 234 568!"
{{contact.fields.big | number:2:",":"." | upper}} => "1.234.567,89"
{{contact.fields.big | number:1 | json}} => "1234567.9"
{{contact.fields.age | number}} => 41
{{contact.fields.spelt | number}} => null ?? contact.fields.spelt | number
{{contact.fields.spelt | number | default:0}} => 0
{{contact.fields.member | number}} => null ?? contact.fields.member | number
{{contact.fields.blank | number}} => null
{{contact.tags | number}} => null ?? contact.tags | number

# json
{{contact.name | json}} => "\"Ana Luísa\""
{"name": {{contact.name | json}}} => "{\"name\": \"Ana Luísa\"}"
{{contact.fields.quote | json}} => "\"say \\\"hi\\\"\""
{{contact.fields.lines | json}} => "\"a\\nb\""
{{contact.fields.age | json}} => "41"
{{contact.tags | json}} => "[\"vip\",\"new\"]"
{{contact.fields.address | json}} => "{\"street\":\"Rua 1\",\"zip\":\"4000\"}"
Address: {{contact.fields.address | json}} => "Address: {\"street\":\"Rua 1\",\"zip\":\"4000\"}"
{{contact.language | json}} => "null"
{"x": {{contact.fields.x | json}}} => "{\"x\": null}" ?? contact.fields.x
{{contact.fields.x | default:"a\"b" | json}} => "\"a\\\"b\""
{{response.body.list | json | truncate:5}} => "[{\"a…"
)table";

struct Case {
  std::string text{};
  Json expected{};
  std::vector<std::string> unknown{};
};

std::vector<std::string> split(std::string_view text, std::string_view mark) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text, mark)) parts.emplace_back(part.begin(), part.end());
  return parts;
}

std::vector<Case> cases() {
  std::vector<Case> cases;
  for (const auto& line : split(kTable, "\n")) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto halves = split(line, " => ");
    const auto right = split(halves.at(1), " ?? ");
    cases.push_back({halves[0], Json::parse(right[0]), {}});
    if (right.size() > 1) cases.back().unknown = split(right[1], "; ");
  }
  return cases;
}

TEST(Expression, GivesWhatTheTableSays) {
  for (const auto& [text, expected, unknown] : cases()) {
    const auto value = fill_value(text, scope());
    EXPECT_EQ(value.value, expected) << text;
    EXPECT_EQ(value.value.type_name(), std::string(expected.type_name())) << text;
    EXPECT_EQ(value.unknown, unknown) << text;
    const auto filled = fill(text, scope());
    EXPECT_TRUE(!expected.is_string() || Json(filled.text) == expected) << text << " is filled to " << filled.text;
  }
}

TEST(Expression, HasATableOf150CasesAtLeast) { EXPECT_GE(cases().size(), 150U); }

TEST(Expression, MayBe500BytesLong) {
  const auto padded = [](std::size_t bytes) {
    const std::string begin = "contact.fields.x | default:\"", end = "\"";
    return "{{" + begin + std::string(bytes - begin.size() - end.size(), 'y') + end + "}}";
  };
  EXPECT_TRUE(fill(padded(kExpressionBytes), scope()).text.starts_with("yy"));
  EXPECT_EQ(fill(padded(kExpressionBytes + 1), scope()).text, padded(kExpressionBytes + 1));
  EXPECT_EQ(fill(padded(kExpressionBytes + 9), scope()).text, padded(kExpressionBytes + 9));
}

TEST(Expression, HasAPathOf200BytesAtMost) {
  const auto path = [](std::size_t bytes) { return "{{" + std::string(bytes, 'p') + "}}"; };
  EXPECT_EQ(fill(path(kPathBytes), scope()).text, "");
  EXPECT_EQ(fill(path(kPathBytes + 1), scope()).text, path(kPathBytes + 1));
  EXPECT_EQ(fill(path(kExpressionBytes * 10), scope()).text, path(kExpressionBytes * 10));
}

TEST(Expression, TakesTheTimeOfUtcWithoutAWorkspace) {
  EXPECT_EQ(fill("{{now | date}}", {{"now", "2026-07-01T22:30:15Z"}}).text, "2026-07-01 22:30");
  const Json odd{{"now", "2026-07-01T22:30:15Z"}, {"workspace", {{"timeZone", 7}}}};
  EXPECT_EQ(fill("{{now | date}}", odd).text, "2026-07-01 22:30");
}

TEST(Expression, TakesNoListOfMoreThan64KiB) {
  const Json large{{"contact", {{"list", Json::array({std::string(kFilledBytes, 'x')})}}}};
  const auto value = fill_value("{{contact.list}}", large);
  EXPECT_TRUE(value.value.is_null());
  EXPECT_EQ(value.unknown, std::vector<std::string>{"contact.list"});
  EXPECT_EQ(fill("{{contact.list | json}}", large).text, "null");
  EXPECT_EQ(fill("{{contact.list}}", large).text.size(), kFilledBytes);
}

TEST(Expression, CutsATextAt64KiB) {
  const Json large{{"contact", {{"name", std::string(kFilledBytes + 9, 'i')}}}};
  EXPECT_EQ(fill_value("{{contact.name}}", large).value.get<std::string>().size(), kFilledBytes);
  EXPECT_EQ(fill_value("{{contact.name | upper}}", large).value.get<std::string>().size(), kFilledBytes);
  EXPECT_EQ(fill("{{contact.name | json}}", large).unknown, std::vector<std::string>{"contact.name | json"});
}

TEST(Expression, GrownByItsCapitalsIsCutAtACharacter) {
  std::string name;
  while (name.size() + 2 <= kFilledBytes) name += "ΐ";  // two bytes, and six as capitals
  const auto value = fill_value("{{contact.name | upper}}", {{"contact", {{"name", name}}}}).value.get<std::string>();
  EXPECT_LE(value.size(), kFilledBytes);
  EXPECT_GT(value.size(), kFilledBytes - 4);
  EXPECT_TRUE(valid_utf8(value));
}

Json nested(int levels) {
  Json json = "in";
  for (int level = 0; level < levels; ++level) json = Json::array({std::move(json)});
  return json;
}

TEST(Expression, TakesNoListNestedDeeperThan32) {
  const auto nests = [](int levels) { return fill_value("{{contact.x}}", {{"contact", {{"x", nested(levels)}}}}); };
  EXPECT_EQ(nests(kFilledDepth).value, nested(kFilledDepth));
  EXPECT_TRUE(nests(kFilledDepth + 1).value.is_null());
  EXPECT_EQ(nests(kFilledDepth + 1).unknown, std::vector<std::string>{"contact.x"});
}

TEST(Expression, IsReadInOneGoWhateverStandsAround) {
  std::string braces(200'000, '{');
  EXPECT_EQ(fill(braces, scope()).text, braces.substr(0, kFilledBytes));
  std::string begun;
  while (begun.size() < 200'000) begun += "{{a|default:\"";
  EXPECT_EQ(fill(begun, scope()).text, begun.substr(0, kFilledBytes));
  EXPECT_TRUE(expression_faults(begun).empty());
}

}  // namespace
}  // namespace waypost::workflow
