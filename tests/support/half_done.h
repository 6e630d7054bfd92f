// The ways in which a run may end at one of its writes, for tests that try all
// of them.
#pragma once

#include <string>

#include "gtest/gtest.h"
#include "tests/support/faulty_client.h"

namespace support {

struct HalfDoneFault {
  FaultyClient::Fault fault;
  bool killed;  // The process died with it, so that core got no answer.
  const char* name;
};

inline constexpr HalfDoneFault kHalfDoneFaults[] = {
    {FaultyClient::Fault::kRefused, false, "Refused"},
    {FaultyClient::Fault::kLost, false, "AnswerLost"},
    {FaultyClient::Fault::kStopped, false, "Stopped"},
    {FaultyClient::Fault::kLost, true, "Killed"},
};

inline std::string HalfDoneName(
    const ::testing::TestParamInfo<HalfDoneFault>& info) {
  return info.param.name;
}

}  // namespace support
