#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

void write_list(value::Builder& out, const std::vector<vault::SecretInfo>& secrets) {
    out.begin_object().key("secrets").begin_array();
    for (const auto& secret : secrets) {
        out.begin_object().key("name").text(secret.name).key("version").integer(secret.version);
        out.key("fields").begin_array();
        for (const auto& field : secret.fields) out.text(field);
        out.end().key("updated").text(record::timestamp_text(secret.updated)).end();
    }
    out.end().end();
}

template <const char* What>
run::Task<Result<value::Document>> on_vault(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool,
                               [&] { return perform_secret(*gateway.foundation().vault, What, arguments); });
}

constexpr char kSet[] = "secret.set", kRemove[] = "secret.remove", kList[] = "secret.list";

}  // namespace

Result<value::Document> perform_secret(vault::Vault& vault, std::string_view what, value::Node arguments) {
    value::Builder out;
    if (what == "secret.list") {
        TRY(auto secrets, vault.list());
        write_list(out, secrets);
        return out.take();
    }
    std::string name(arguments.find("name").text());
    if (what == "secret.remove") {
        CHECK_OK(vault.remove(name));
        out.begin_object().key("removed").text(name).end();
        return out.take();
    }
    vault::SecretFields fields;
    fields.emplace(std::string(arguments.find("field").text()), crypto::SecretBytes(arguments.find("value").text()));
    TRY(auto version, vault.update(name, std::move(fields)));
    out.begin_object().key("secret").text(name).key("version").integer(version).end();
    return out.take();
}

std::vector<NamedOperation> secret_operations() {
    return {{kSet, on_vault<kSet>}, {kRemove, on_vault<kRemove>}, {kList, on_vault<kList>}};
}

}  // namespace tributary::app
