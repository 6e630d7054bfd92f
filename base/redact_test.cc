#include "base/redact.h"

#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/common_words.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace base {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RedactCredentials, HidesWhatLooksLikeACredential) {
  constexpr char kCanary[] = "canary";
  for (const char* text : {
           "token: canary",
           "token=canary next",
           "\"access_token\": \"canary with blanks\"",
           "AWS_SECRET_ACCESS_KEY=canary",
           "AWS_SESSION_TOKEN = 'canary'",
           "the password is: x, client-secret: canary",
           "Authorization: Bearer canary",
           "curl -H 'Authorization: Basic canary'",
           "sent Bearer canary to the server",
           "{\\\"password\\\": \\\"canary\\\"}",
           "https://user:canary@host/path",
           "see postgres://canary@host:1 and http://a:canary@b",
           "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE "
           "KEY-----\nrest",
           "-----BEGIN CERTIFICATE-----\ncanary (cut off",
           "got eyJhbGciOiJub25lIn0.canary.sig here",
           "id=eyJhbGciOiJub25lIn0.canary",
           "value Zm9vYmFyYmF6cXV4QUJDREVGcanary0123456789 end",
       }) {
    const std::string redacted = RedactCredentials(text);
    EXPECT_THAT(redacted, Not(HasSubstr(kCanary))) << text;
    EXPECT_THAT(redacted, HasSubstr("(sensitive)")) << text;
    EXPECT_EQ(RedactCredentials(redacted), redacted) << text;
  }
}

TEST(RedactCredentials, HidesGivenSecretsWhereverTheyStand) {
  EXPECT_EQ(
      RedactCredentials("a hunter2x hunter2 b c", {"hunter2", "hunter2x", "c"}),
      "a (sensitive) (sensitive) b c");
}

// As of an error body that the server has cut short.
TEST(Redactor, FindsWhatIsLeftOfASecretThatIsCutOff) {
  const Redactor redactor({"s3cr3t/value-0123", "correcthorse"});
  for (const char* head : {"s3cr3t/v", "s3cr3t/value-012", "correcth",
                           "czNjcjN0L3Zhb", "s3cr3t%2Fvalue"}) {
    for (const auto& [before, after] : {std::pair("invalid: ", ""),
                                        {"invalid: \"", "..."},
                                        {"invalid: ", "... (1 more)"},
                                        {"invalid: ", "\u2026 more"},
                                        {"A \"", " [truncated 12 chars]"},
                                        {"got ", " (truncated) by"},
                                        {"got \"", "\" <truncated>"},
                                        {"got ", "[...] more"},
                                        {"{\"message\":\"", "\"}"}}) {
      const std::string text = absl::StrCat(before, head, after);
      const std::string hidden = absl::StrCat(before, "(sensitive)", after);
      EXPECT_EQ(redactor.HideKnown(text), hidden);
      EXPECT_EQ(redactor.HideKnown(hidden), hidden);
    }
  }
  for (const char* text : {"s3cr3t/", "s3cr3t/ more", "s3cr3t/va more",
                           "incorrecth", "correct...", "", "...", "....."}) {
    EXPECT_EQ(redactor.HideKnown(text), text);
  }
}

TEST(Redactor, FindsSecretsHoweverTheyAreWritten) {
  const Redactor redactor({"p@ss \"word\"", "hunter22"});
  EXPECT_EQ(redactor.Redact("a p@ss \"word\" b"), "a (sensitive) b");
  EXPECT_EQ(redactor.Redact("{\"x\":\"p@ss \\\"word\\\"\"}"),
            "{\"x\":\"(sensitive)\"}");
  EXPECT_EQ(redactor.Redact("p%40ss%20%22word%22"), "(sensitive)");
  EXPECT_EQ(redactor.Redact("aHVudGVyMjI="), "(sensitive)");
  EXPECT_EQ(redactor.Redact("xhunter22hunter22"), "x(sensitive)(sensitive)");
}

// encoding/json of Go and its %q, as an API server's messages quote values.
TEST(Redactor, FindsSecretsAsGoWritesThem) {
  const Redactor redactor({"a<b>&c\td", "pa\\ss\x1b\"w"});
  for (const char* text : {
           R"(a\u003cb\u003e\u0026c\td)",
           R"(a\u003Cb\u003E\u0026c\td)",
           R"(a<b>&c\td)",
           R"(a\\u003cb\\u003e\\u0026c\\td)",
           R"(a<b>&c\\td)",
           R"(pa\\ss\u001b\"w)",
           R"(pa\\ss\x1b\"w)",
           R"(pa\\\\ss\\u001b\\\"w)",
           "a%3Cb%3E%26c%09d",
           "a%3cb%3e%26c%09d",
       }) {
    EXPECT_EQ(redactor.Redact(text), "(sensitive)") << text;
  }
  EXPECT_EQ(Redactor({"two words+"}).Redact("x=two+words%2B"), "x=(sensitive)");
}

TEST(Redactor, FindsSecretsInOtherEncodings) {
  // "Pässwort😀1"
  const Redactor redactor(
      {"P\xc3\xa4sswort\xf0\x9f\x98\x80"
       "1",
       "a<&>\"'b1",
       "\xfb\xff\xfe"
       "12345"});
  for (const char* text : {
           R"(P\u00e4sswort\ud83d\ude001)",
           R"(P\u00E4sswort\uD83D\uDE001)",
           R"(P\\u00e4sswort\\ud83d\\ude001)",
           "a&lt;&amp;&gt;&quot;&#39;b1",
           "a&lt;&amp;&gt;&#34;&#39;b1",
           "a&lt;&amp;&gt;\"'b1",
           "a&lt;&amp;&gt;&quot;&#x27;b1",
           "+//+MTIzNDU=",
           "-__-MTIzNDU=",
           "-__-MTIzNDU",
           "+//+MTIzNDU",
       }) {
    EXPECT_EQ(redactor.Redact(text), "(sensitive)") << text;
  }
}

// As of the data of a Kubernetes Secret, which has more than the secret.
TEST(Redactor, FindsSecretsInBase64OfLongerTexts) {
  const Redactor redactor({"s3cr3t/value-0123"});
  for (const char* before : {"", "a", "ab", "abc", "user:"}) {
    for (const char* after : {"", "x", "yz", " and more"}) {
      const std::string text =
          absl::Base64Escape(absl::StrCat(before, "s3cr3t/value-0123", after));
      EXPECT_THAT(redactor.HideKnown(text), HasSubstr(kHidden)) << text;
      EXPECT_LT(redactor.HideKnown(text).size() - std::string(kHidden).size(),
                text.size() - 20)
          << text;
    }
  }
}

TEST(Redactor, FindsSecretsInYamlBetweenSingleQuotes) {
  EXPECT_EQ(Redactor({"a'secret'value"}).HideKnown("x: 'a''secret''value'"),
            "x: '(sensitive)'");
}

TEST(Redactor, FindsSecretsWhoseLinesWereJoined) {
  const Redactor redactor(
      {"two  blanks", "a line\nand another\n", "h9nter2\n"});
  EXPECT_EQ(redactor.Redact("x two blanks y"), "x (sensitive) y");
  EXPECT_EQ(redactor.Redact("x a line and another y"), "x (sensitive) y");
  EXPECT_EQ(redactor.Redact("x h9nter2 y"), "x (sensitive) y");
}

TEST(Redactor, LeavesNoPartOfSecretsThatOverlap) {
  EXPECT_EQ(Redactor({"abc1-def", "def-ghi2xyz"}).Redact("_abc1-def-ghi2xyz_"),
            "_(sensitive)_");
}

// Their names tell them anyway, and hiding them would, too.
TEST(Redactor, HidesCommonWordsOnlyWhereTheyAreValues) {
  const Redactor redactor({"wandb", "Spec", "ROOT"});
  const std::string text =
      "weightsandbiases.apps.wandb.com of wandb/wandb: Spec.x, ROOT-CA at "
      "key=wandb, namespace: wandb, secret: wandb-mysql";
  EXPECT_EQ(redactor.HideKnown(text), text);
  EXPECT_EQ(redactor.Redact("got \"wandb\", 'Spec', \\\"ROOT\\\", `wandb`"),
            "got \"(sensitive)\", '(sensitive)', \\\"(sensitive)\\\", "
            "`(sensitive)`");
  EXPECT_EQ(redactor.HideKnown("PW=wandb, token: Spec; \"password\": \"ROOT\""),
            "PW=(sensitive), token: (sensitive); \"password\": "
            "\"(sensitive)\"");
  EXPECT_EQ(redactor.Redact("d2FuZGI= and wandb", Care::kGenerous),
            "(sensitive) and (sensitive)");
  // Letters that are no word.
  EXPECT_EQ(Redactor({"hVkqPzTr", "qwertyuiopasdfgh"})
                .Redact("xhVkqPzTr qwertyuiopasdfgh"),
            "x(sensitive) (sensitive)");
}

// Passwords that look like words are seldom those of a message.
TEST(Redactor, HidesOtherWordsWhereverTheyStand) {
  const Redactor redactor({"hunter", "Dragon", "LETMEIN", "swordfish\n"});
  EXPECT_EQ(redactor.HideKnown("login with hunter failed"),
            "login with (sensitive) failed");
  EXPECT_EQ(redactor.HideKnown("wandb:hunter@tcp(h), /Dragon/, hunter_1, "
                               "x=LETMEIN; swordfish"),
            "wandb:(sensitive)@tcp(h), /(sensitive)/, (sensitive)_1, "
            "x=(sensitive); (sensitive)");
  EXPECT_EQ(redactor.HideKnown("hunter Dragon"), "(sensitive) (sensitive)");
  // Not inside of others, which tell nothing of it.
  const std::string others = "hunters bounty-Xhunter dragonfly Dragonfly";
  EXPECT_EQ(redactor.HideKnown(others), others);
}

// As passwords and messages write them.
// Letters that belong to an escape are no part of the word behind it.
TEST(Redactor, HidesWordsBehindEscapes) {
  const Redactor redactor({"Hunter", "wandb"});
  for (const char* text :
       {"user%3AHunter%40host", "user%3aHunter%40host", "user%253AHunter%2540h",
        R"(x\nHunter\n)", R"(x\u000aHunter)", R"(x\xfaHunter\xfa)",
        "a%2FHunter%2F", "%3AHunter"}) {
    EXPECT_THAT(redactor.HideKnown(text), Not(HasSubstr("Hunter"))) << text;
    EXPECT_THAT(redactor.HideKnown(text), HasSubstr("(sensitive)")) << text;
  }
  for (const char* text : {"xaHunter", "3AHunter", "%3AHunters", "%AHunter"}) {
    EXPECT_EQ(redactor.HideKnown(text), text);
  }
  EXPECT_EQ(redactor.HideKnown("password%3Dwandb%26token%3awandb&x%3Dwandb"),
            "password%3D(sensitive)%26token%3a(sensitive)&x%3Dwandb");
}

TEST(Redactor, KnowsCommonWordsInAnyCase) {
  for (const char* word : {"mysql", "MYSQL", "Mysql", "administrator"}) {
    const std::string text = absl::StrCat("of ", word, " is ", word, "-0");
    EXPECT_EQ(Redactor({word}).HideKnown(text), text);
    EXPECT_EQ(Redactor({word}).HideKnown(absl::StrCat("PW=", word)),
              "PW=(sensitive)");
  }
  // As no message writes it.
  EXPECT_EQ(Redactor({"mYsqL"}).HideKnown("a mYsqL b"), "a (sensitive) b");
}

TEST(Redactor, HidesShortOnesOnlyWhereTheyAreValues) {
  const Redactor redactor({"abc", "x1", "7"});
  EXPECT_EQ(redactor.HideKnown("abc x1 7, abc-1, \"abc\" 'x1' PW=7, token: x1"),
            "abc x1 7, abc-1, \"(sensitive)\" '(sensitive)' PW=(sensitive), "
            "token: (sensitive)");
  EXPECT_EQ(redactor.HideKnown("abc x1 7", Care::kGenerous), "abc x1 7");
}

TEST(CommonWords, AreSortedAndSmall) {
  const auto& words = CommonWords();
  for (size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(words[i], absl::AsciiStrToLower(words[i]));
    EXPECT_GE(words[i].size(), 4U) << words[i];
    EXPECT_TRUE(i == 0 || words[i - 1] < words[i]) << words[i];
  }
}

// Of the processor.
double SecondsOf(const std::string& secret, const std::string& text) {
  const std::clock_t start = std::clock();
  Redactor({secret}).HideKnown(text);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// A square took minutes: all of the secret was compared at each byte.
TEST(Redactor, TakesALongSecretOfOneCharacter) {
  constexpr size_t kBytes = size_t{1} << 18;
  const std::string secret(kBytes, 'a');
  EXPECT_EQ(Redactor({secret}).HideKnown(absl::StrCat("x", secret, "x")),
            "x(sensitive)x");
  // One byte less, again and again, and the text that agrees up to its end.
  std::string broken;
  while (broken.size() < kBytes) {
    absl::StrAppend(&broken, std::string(255, 'a'), "b");
  }
  const std::string almost = absl::StrCat(secret.substr(1), "b");
  for (const std::string& text :
       {almost, broken, std::string(2 * kBytes, 'a')}) {
    const double quarter = SecondsOf(secret.substr(0, kBytes / 4),
                                     text.substr(0, text.size() / 4));
    EXPECT_LE(SecondsOf(secret, text), 8 * quarter + 0.2) << quarter;
  }
}

TEST(Redactor, HidesThePiecesOfALongSecret) {
  std::string secret;
  for (int i = 0; secret.size() < 1000; ++i) absl::StrAppend(&secret, i, ".");
  const Redactor redactor({secret});
  EXPECT_EQ(redactor.HideKnown(absl::StrCat("<", secret, ">")),
            "<(sensitive)>");
  EXPECT_EQ(redactor.HideKnown(absl::StrCat(secret, secret)), "(sensitive)");
  // Cut off by who quotes it.
  EXPECT_EQ(redactor.HideKnown(absl::StrCat("<", secret.substr(0, 512), "...")),
            "<(sensitive)...");
  EXPECT_EQ(redactor.HideKnown(
                absl::StrCat("...", secret.substr(secret.size() - 256), ">")),
            "...(sensitive)>");
}

TEST(RedactCredentials, HidesBeforeItStrips) {
  EXPECT_EQ(RedactCredentials("a pa\x1bs5word b", {"pa\x1bs5word"}),
            "a (sensitive) b");
}

TEST(OneLine, HasOneBlankForEachRun) {
  EXPECT_EQ(OneLine(" a \n\tb\rc\n"), "a b c");
}

TEST(Redactor, LearnsMore) {
  Redactor redactor({"inn3r"});
  redactor.Add({"outer-inn3r-outer"});
  EXPECT_EQ(redactor.Redact("outer-inn3r-outer inn3r"),
            "(sensitive) (sensitive)");
}

// A peer once replaced the empty string between all characters.
TEST(Redactor, DestroysNoTextForTheSakeOfShortSecrets) {
  const Redactor redactor({"", "a", "no", "sensitive"});
  EXPECT_EQ(redactor.Redact("a banana, and no \"no\""),
            "a banana, and no \"(sensitive)\"");
}

TEST(RedactCredentials, KeepsOrdinaryMessages) {
  for (const char* text : {
           "An error occurred (AccessDenied) when calling GetCallerIdentity",
           "open /home/user/.aws/config: no such file or directory",
           "dial tcp 10.0.0.1:443: connect: connection refused",
           "  at https://example.com/path?x=1\nsecond line\n",
           "basic: not supported",
       }) {
    EXPECT_EQ(RedactCredentials(text), text);
  }
}

TEST(StripControlCharacters, LeavesTextAndLinesOnly) {
  EXPECT_EQ(StripControlCharacters("a\x1b[31mred\x07\r\n\tb\x7f"),
            "a[31mred\n\tb");
  EXPECT_EQ(StripControlCharacters("\xc2\x9bx\xff y\xc3\xa9"),
            "x\xef\xbf\xbd y\xc3\xa9");
}

TEST(Redactor, FindsTheLongestOfThoseThatBeginAlike) {
  const Redactor redactor({"abcd-1", "abcd-1-2", "abcd-1-2-3-4", "abcd-1-9",
                           "abcd", "abcd-1-2-3-5-6", "abce-1-2"});
  for (const auto& [text, left] : {std::pair("<abcd-1-2-3>", "<(sensitive)-3>"),
                                   {"<abcd-1-2-3-4-5>", "<(sensitive)-5>"},
                                   {"<abcd-1-2-3-5-5>", "<(sensitive)-3-5-5>"},
                                   {"<abcd-1-5>", "<(sensitive)-5>"},
                                   {"<abcd-0>", "<(sensitive)-0>"},
                                   {"<abce-1-1>", "<abce-1-1>"},
                                   {"<abcd-1-2", "<(sensitive)"},
                                   {"<abc", "<abc"}}) {
    EXPECT_EQ(redactor.HideKnown(text), left);
  }
  // In whatever order they are added.
  Redactor later({"abcd-1-2"});
  later.Add({"abcd-1-2-3", "abcd-1"});
  EXPECT_EQ(later.HideKnown("<abcd-1-2-3-4>"), "<(sensitive)-4>");
}

// Minutes if each is compared with each, or with all of the text.
TEST(Redactor, TakesManySecretsThatBeginAlike) {
  std::vector<std::string> secrets;
  for (int i = 0; i < 100'000; ++i) {
    secrets.push_back(absl::StrCat("common-prefix-", i, "."));
  }
  const Redactor redactor(secrets);
  std::string text;
  for (int i = 0; i < 20'000; ++i) absl::StrAppend(&text, "common-prefix-x ");
  EXPECT_EQ(redactor.HideKnown(text), text);
  EXPECT_EQ(redactor.HideKnown("common-prefix-99999. x"), "(sensitive) x");
}

}  // namespace
}  // namespace base
