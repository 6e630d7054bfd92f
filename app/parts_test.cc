#include "app/parts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/tf/provider_faults.h"

namespace app {
namespace {

TEST(AllPartsTest, CoreCanLoadEverySchema) {
  const auto provider = resources::NewProvider({.version = "test"}, AllParts);
  EXPECT_FALSE(provider->parts().resources.empty());
  EXPECT_THAT(tf::ProviderFaults(*provider), testing::IsEmpty());
}

}  // namespace
}  // namespace app
