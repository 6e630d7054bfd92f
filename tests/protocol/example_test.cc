// provider/example, through the life of one resource.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/cty/codec.h"
#include "provider/tf/core_rules.h"
#include "tests/protocol/connected.h"

namespace protocol {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace pb = tfplugin6;

class ExampleTest : public Connected {
 protected:
  ExampleTest() : Connected(TheExample()) {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  ~ExampleTest() override { std::filesystem::remove_all(folder_); }

  void SetUp() override {
    Connected::SetUp();
    schema_ = Resource("example_file");
    type_ = schema_.ImpliedType();
  }

  cty::Value Decoded(const pb::DynamicValue& message, const cty::Type& type) {
    const auto value = cty::DecodeMsgpack(message.msgpack(), type);
    EXPECT_TRUE(value.ok()) << value.status();
    return value.ok() ? *value : cty::Value::Null(type);
  }

  // The state that an apply of `planned` leaves; what core would refuse fails
  // the test.
  cty::Value Apply(const cty::Value& prior, const cty::Value& config,
                   const cty::Value& planned) {
    pb::ApplyResourceChange::Request request;
    request.set_type_name("example_file");
    *request.mutable_prior_state() = Dynamic(prior, type_);
    *request.mutable_config() = Dynamic(config, type_);
    *request.mutable_planned_state() = Dynamic(planned, type_);
    pb::ApplyResourceChange::Response response;
    EXPECT_TRUE(
        provider_->ApplyResourceChange(Call().get(), request, &response).ok());
    EXPECT_THAT(ErrorsOf(response), IsEmpty());
    const cty::Value state = Decoded(response.new_state(), type_);
    EXPECT_THAT(tf::ApplyFaults(schema_, planned, state), IsEmpty());
    return state;
  }

  cty::Value Read(const cty::Value& state) {
    pb::ReadResource::Request request;
    request.set_type_name("example_file");
    *request.mutable_current_state() = Dynamic(state, type_);
    pb::ReadResource::Response response;
    EXPECT_TRUE(provider_->ReadResource(Call().get(), request, &response).ok());
    EXPECT_THAT(ErrorsOf(response), IsEmpty());
    return Decoded(response.new_state(), type_);
  }

  // `value` is null where it fails.
  pb::ReadDataSource::Response ReadData(const std::string& path,
                                        cty::Value& value) {
    const cty::Type type =
        SchemaOf(Schemas().data_source_schemas().at("example_file"))
            .ImpliedType();
    pb::ReadDataSource::Request request;
    request.set_type_name("example_file");
    *request.mutable_config() =
        Dynamic(cty::Value::ObjectOf(type, {{"path", Str(path)}}), type);
    pb::ReadDataSource::Response response;
    EXPECT_TRUE(
        provider_->ReadDataSource(Call().get(), request, &response).ok());
    value = ErrorsOf(response).empty() ? Decoded(response.state(), type)
                                       : cty::Value::Null(type);
    return response;
  }

  std::string folder_ = ::testing::TempDir() + "example-XXXXXX";
  tf::Schema schema_;
  cty::Type type_;
};

TEST_F(ExampleTest, AFileIsCreatedReadAndDeleted) {
  const std::string path = folder_ + "/motd";
  const cty::Value nothing = cty::Value::Null(type_);
  const cty::Value config = cty::Value::ObjectOf(
      type_, {{"path", Str(path)}, {"content", Str("hello")}});
  const cty::Value planned = PlanCreate(
      "example_file", {{"path", Str(path)}, {"content", Str("hello")}});
  EXPECT_TRUE(planned.At("size").IsUnknown());
  EXPECT_FALSE(Exists(path));

  const cty::Value state = Apply(nothing, config, planned);
  EXPECT_EQ(state.At("size"), cty::Value::Int(5));
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "hello");
  EXPECT_EQ(Read(state), state);

  std::ofstream(path) << "changed";
  const cty::Value drifted = Read(state);
  EXPECT_EQ(drifted.At("content"), Str("changed"));
  EXPECT_EQ(drifted.At("size"), cty::Value::Int(7));

  EXPECT_TRUE(Apply(state, nothing, nothing).IsNull());
  EXPECT_FALSE(Exists(path));
  EXPECT_TRUE(Read(state).IsNull());
}

TEST_F(ExampleTest, ContentHasADefault) {
  EXPECT_EQ(
      PlanCreate("example_file", {{"path", Str(folder_ + "/a")}}).At("content"),
      Str(""));
}

TEST_F(ExampleTest, AnEmptyPathIsRefusedWithItsPlace) {
  pb::ValidateResourceConfig::Request request;
  request.set_type_name("example_file");
  *request.mutable_config() =
      Dynamic(cty::Value::ObjectOf(type_, {{"path", Str("")}}), type_);
  pb::ValidateResourceConfig::Response response;
  ASSERT_TRUE(
      provider_->ValidateResourceConfig(Call().get(), request, &response).ok());
  ASSERT_THAT(ErrorsOf(response), SizeIs(1));
  EXPECT_EQ(response.diagnostics(0).attribute().steps(0).attribute_name(),
            "path");
}

TEST_F(ExampleTest, ImportByIdAndByIdentity) {
  for (const bool by_identity : {false, true}) {
    pb::ImportResourceState::Request request;
    request.set_type_name("example_file");
    if (by_identity) {
      const cty::Type type = cty::Type::Object({{"path", cty::Type::String()}});
      *request.mutable_identity()->mutable_identity_data() =
          Dynamic(cty::Value::ObjectOf(type, {{"path", Str("/a")}}), type);
    } else {
      request.set_id("/a");
    }
    pb::ImportResourceState::Response response;
    ASSERT_TRUE(
        provider_->ImportResourceState(Call().get(), request, &response).ok());
    EXPECT_THAT(ErrorsOf(response), IsEmpty());
    ASSERT_THAT(response.imported_resources(), SizeIs(1));
    EXPECT_EQ(Decoded(response.imported_resources(0).state(), type_).At("path"),
              Str("/a"));
  }
}

TEST_F(ExampleTest, TheDataSourceReadsAFileOrSaysWhyNot) {
  std::ofstream(folder_ + "/there") << "text";
  cty::Value value;
  EXPECT_THAT(ErrorsOf(ReadData(folder_ + "/there", value)), IsEmpty());
  EXPECT_EQ(value.At("content"), Str("text"));
  EXPECT_THAT(ErrorsOf(ReadData(folder_ + "/none", value)),
              ElementsAre(HasSubstr(folder_ + "/none")));
}

TEST_F(ExampleTest, TheFunctionIsCalled) {
  pb::CallFunction::Request request;
  request.set_name("join");
  request.add_arguments()->set_json("\"/etc\"");
  request.add_arguments()->set_json("\"hosts\"");
  pb::CallFunction::Response response;
  ASSERT_TRUE(provider_->CallFunction(Call().get(), request, &response).ok());
  EXPECT_FALSE(response.has_error()) << response.error().text();
  EXPECT_EQ(Decoded(response.result(), cty::Type::String()), Str("/etc/hosts"));
}

}  // namespace
}  // namespace protocol
