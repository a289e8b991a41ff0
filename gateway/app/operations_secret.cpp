#include <algorithm>

#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/secret_acts.hpp"
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
        out.end().key("owner").text(secret.binding.owner).key("connector").text(secret.binding.connector);
        out.key("hosts")
            .text(join(secret.binding.allowed_hosts, ", "))
            .key("updated")
            .text(record::timestamp_text(secret.updated))
            .end();
    }
    out.end().end();
}

// nullopt: there is no secret of this name.
Result<std::optional<vault::Binding>> binding_of(Foundation& foundation, const std::string& name) {
    TRY(const auto all, foundation.vault->list());
    const auto found = std::ranges::find(all, name, &vault::SecretInfo::name);
    if (found == all.end()) return std::nullopt;
    return found->binding;
}

// Of a secret that is there, hosts and users are changed by two persons.
Result<void> check_binding(Foundation& foundation, const std::string& name, const vault::Binding& binding) {
    TRY(const auto kept, binding_of(foundation, name));
    if (!kept || *kept == binding) return {};
    return fail(Fault::refused,
                "this secret is bound otherwise: leave owner, connector and hosts out here, and change them with "
                "secret bind",
                name);
}

// nullopt: the binding stays as it is.
Result<std::optional<vault::Binding>> binding_in(value::Node arguments) {
    TRY(const auto owner, text_argument(arguments, "owner"));
    TRY(const auto connector, text_argument(arguments, "connector"));
    const auto hosts = arguments.find("hosts");
    if (!owner && !connector && !hosts) return std::nullopt;
    vault::Binding binding{owner.value_or(""), connector.value_or(""), {}};
    if (hosts && !hosts.is(value::Kind::array))
        return fail(Fault::bad_input, "takes a list of host names", "argument hosts");
    for (auto host : hosts) {
        if (!is_host_pattern(host.text()))
            return fail(Fault::bad_input,
                        "a host is a name such as api.example.com or *.example.com, without scheme "
                        "and port",
                        "argument hosts");
        binding.allowed_hosts.emplace_back(host.text());
    }
    return binding;
}

template <const char* What>
run::Task<Result<value::Document>> on_vault(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool,
                               [&] { return perform_secret(gateway.foundation(), caller, What, arguments); });
}

constexpr char kSet[] = "secret.set", kBind[] = "secret.bind", kRemove[] = "secret.remove", kList[] = "secret.list";

}  // namespace

Result<value::Document> perform_secret(Foundation& foundation, const access::Caller& caller, std::string_view what,
                                       value::Node arguments) {
    value::Builder out;
    if (what == "secret.list") {
        TRY(auto secrets, foundation.vault->list());
        write_list(out, secrets);
        return out.take();
    }
    const flow::SecretActs acts(*foundation.store, *foundation.vault, foundation.clock,
                                std::string(caller.actor_type()), caller.actor());
    TRY(const auto name, needed_text(arguments, "name"));
    if (what == "secret.remove") {
        CHECK_OK(acts.remove(name));
        out.begin_object().key("removed").text(name).end();
        return out.take();
    }
    TRY(auto binding, binding_in(arguments));
    vault::SecretFields fields;
    if (what == "secret.bind") {
        TRY(const auto kept, binding_of(foundation, name));
        if (!kept) return fail(Fault::not_found, "there is no secret of this name", name);
        if (!binding) binding.emplace();
    } else {
        TRY(const auto field, needed_text(arguments, "field"));
        fields.emplace(field, crypto::SecretBytes(arguments.find("value").text()));
        if (binding) CHECK_OK(check_binding(foundation, name, *binding));
    }
    TRY(auto version, acts.set(name, fields, binding));
    out.begin_object().key("secret").text(name).key("version").integer(version).end();
    return out.take();
}

std::vector<NamedOperation> secret_operations() {
    using api::field::integer, api::field::list, api::field::text, api::field::texts, api::field::time;
    using enum access::Permission;
    const api::Fields secret{text("name"),      integer("version"), texts("fields"), text("owner"),
                             text("connector"), text("hosts"),      time("updated")};
    return {{kSet,
             secret_write,
             on_vault<kSet>,
             {text("name").needed(), text("field").needed(), text("value").needed(), text("owner"), text("connector"),
              texts("hosts")},
             {text("secret"), integer("version")}},
            // Whoever changes the hosts can send the secret to themselves.
            {kBind,
             secret_write,
             on_vault<kBind>,
             {text("name").needed(), text("owner"), text("connector"), texts("hosts")},
             {text("secret"), integer("version")},
             api::Persons::two},
            {kRemove, secret_write, on_vault<kRemove>, {text("name").needed()}, {text("removed")}},
            {kList, secret_read, on_vault<kList>, {}, {list("secrets", secret)}}};
}

}  // namespace tributary::app
