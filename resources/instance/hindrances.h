// What ends the wait for an instance before its time, since no retry of
// Kubernetes heals it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/hindrance.h"
#include "resources/instance/patience.h"

namespace resources {

struct StandingHindrance {
  std::string summary;  // Of "... cannot start: "; no full stop.
  std::string detail;   // What, where, what to do; has foreign text.
};

// Looks again and again, as the wait does.
class StandingHindrances {
 public:
  StandingHindrances(kube::Client& client, const Patience& patience)
      : client_(client), patience_(patience) {}

  // Whether it is time to look: every few look_again.
  bool IsDue() const;
  // Looks at these; the first hindrance that has stood as long as `patience`
  // says, nullopt for none.
  std::optional<StandingHindrance> Look(const base::Context& ctx,
                                        const std::vector<base::Json>& unready);

 private:
  kube::Client& client_;
  const Patience patience_;
  absl::Time looked_ = absl::InfinitePast();
  std::map<std::pair<kube::Hindrance::Kind, std::string>, absl::Time> since_;
};

}  // namespace resources
