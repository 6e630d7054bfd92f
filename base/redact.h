// Takes credentials out of text before it is shown, stored or logged.
//
// The one redactor: which names and shapes it knows is in secret_names.h and
// credential_shapes.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "base/credential_shapes.h"

namespace base {

// Whether something in `text` is a credential by its shape; see
// FindCredentials(). What HideCredentials() made has none.
bool HasCredentials(absl::string_view text);

// `text` with kHidden in place of each credential that its shape gives away.
// Doing it twice changes nothing.
std::string HideCredentials(absl::string_view text, Care care = Care::kPrecise);

// Hides secrets that are known as well as those that only look like it.
// Thread-safe once built.
class Redactor {
 public:
  // See Add().
  explicit Redactor(const std::vector<std::string>& secrets = {});

  // `secrets` are values that must not be shown. Each is also found
  //   - with its white space collapsed, as where lines are joined,
  //   - in base64 of both alphabets, padded or not, of longer texts too,
  //   - percent-encoded, and escaped for HTML,
  //   - quoted: as in JSON, as in that of Go, which also escapes what HTML
  //     does, as in YAML, as in JSON that is all ASCII, as by Go's %q, and as
  //     JSON that is quoted once more.
  // A word ("hunter", "Dragon") of at most 12 letters is replaced where it
  // stands as a word: not inside of another. One of less than 4 bytes, and a
  // word that messages need (common_words.h), are replaced only where they
  // stand alone in quotes: elsewhere that would destroy the text, and tell more
  // than it hides. Of one of more than 256 bytes each piece of so many is
  // replaced, as well. The first 8 bytes of one, and more, are replaced where
  // the text breaks off within it: at its end, and before an ellipsis.
  void Add(const std::vector<std::string>& secrets);

  // `text` with kHidden in place of known secrets and of credentials. A common
  // word and a short one are also replaced as the value of a name that looks
  // secret; and with Care::kGenerous a common word is wherever it is. Doing it
  // twice changes nothing. Linear in the text.
  std::string Redact(absl::string_view text, Care care = Care::kPrecise) const;

  // The same for known secrets alone.
  std::string HideKnown(absl::string_view text,
                        Care care = Care::kPrecise) const;

 private:
  struct Needle {
    std::string text;
    bool piece = false;  // Of a longer one.
    // The longest other one that this begins with, in the same bucket.
    std::optional<size_t> shorter = std::nullopt;
  };
  // Sorted by text, so that many secrets that begin alike are found quickly.
  using Bucket = std::vector<Needle>;

  // Leaves its bucket, if it is in one, to be sorted by Sort().
  void AddForm(std::string form, bool encoded,
               absl::flat_hash_set<uint32_t>& unsorted);
  static void Sort(Bucket& bucket);
  // The longest needle at `at` in `text`; null if there is none.
  const Needle* Match(absl::string_view text, size_t at) const;
  // The length of the word, or short text, to be hidden there; 0 if none is.
  size_t MatchWord(absl::string_view text, size_t at, Care care) const;
  bool MatchesCommon(absl::string_view text, size_t begin, size_t end,
                     Care care) const;
  // Whether a longer needle, or word, begins with `head`.
  bool IsHead(absl::string_view head) const;
  bool IsHeadOfWord(absl::string_view head) const;
  // Where secrets are cut off: begin and end, by their begin.
  std::vector<std::pair<size_t, size_t>> FindCut(absl::string_view text) const;

  // By their first bytes.
  absl::flat_hash_map<uint32_t, Bucket> needles_;
  absl::flat_hash_set<std::string> words_;
  // Those of them of which the head is long enough.
  std::set<std::string, std::less<>> long_words_;
  // Short ones and common words.
  absl::flat_hash_set<std::string> common_;
};

// Redactor(secrets).Redact() of what another program wrote: generous, and
// without control characters.
std::string RedactCredentials(absl::string_view text,
                              const std::vector<std::string>& secrets = {});

// `text` in one line: each run of white space as one blank, none at the ends.
// Redact before; a Redactor also knows secrets that became that.
std::string OneLine(absl::string_view text);

// ValidUtf8(text) with each control character but line feed and tab left out.
std::string StripControlCharacters(absl::string_view text);

}  // namespace base
