#include "gateway/flow/secret_acts.hpp"

#include "gateway/base/text.hpp"
#include "gateway/flow/audit_entry.hpp"

namespace tributary::flow {
namespace {

constexpr int kSecretTries = 200;  // a loser may lose to the same other many times in a row

vault::SecretFields copy_of(const vault::SecretFields& fields) {
    vault::SecretFields copy;
    for (const auto& [name, value] : fields) copy.emplace(name, value.clone());
    return copy;
}

}  // namespace

Result<std::uint32_t> SecretActs::set(const std::string& name, const vault::SecretFields& fields,
                                      const std::optional<vault::Binding>& binding) const {
    std::vector<std::string> names;
    for (const auto& [field, value] : fields) names.push_back(field);
    for (int left = kSecretTries;;) {
        TRY(const auto sealed, vault_.seal_update(name, copy_of(fields), binding));
        const auto entry = audit_entry(clock_, actor_type_, actor_, "secret.set",
                                       {{"secret", name},
                                        {"fields", join(names, " ")},
                                        {"version", std::to_string(sealed.version)},
                                        {"owner", sealed.binding.owner},
                                        {"connector", sealed.binding.connector},
                                        {"hosts", join(sealed.binding.allowed_hosts, " ")}});
        auto done = store_.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.secrets().put(sealed));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        });
        vault_.forget(name);
        if (done) return sealed.version;
        if (done.error().fault != Fault::conflict || --left == 0) return pass(std::move(done));
    }
}

Result<void> SecretActs::remove(const std::string& name) const {
    const auto entry = audit_entry(clock_, actor_type_, actor_, "secret.remove", {{"secret", name}});
    auto done = store_.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.secrets().remove(name));
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    });
    vault_.forget(name);
    return done;
}

}  // namespace tributary::flow
