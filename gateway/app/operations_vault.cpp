#include "gateway/app/arguments.hpp"
#include "gateway/app/config_spec.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/master_source.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/spec/load.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

std::int64_t whole(std::uint64_t number) {
    return static_cast<std::int64_t>(number);
}

void write_rewrap(value::Builder& out, const flow::Rewrap& done) {
    out.key("rewrapped_subject_keys").integer(whole(done.subject_keys));
    out.key("rewrapped_secrets").integer(whole(done.secrets)).key("resealed_webhooks").integer(whole(done.inbox));
    out.key("resealed_notes").integer(whole(done.notes));
    out.key("complete").boolean(done.complete);
}

Answer status(Foundation& foundation) {
    TRY(auto uses, foundation.rotation->uses());
    value::Builder out;
    out.begin_object().key("ring").text(foundation.ring->path().string());
    if (const auto kms = foundation.ring->kms_key(); !kms.empty()) out.key("key_service_key").text(kms);
    out.key("keys").begin_array();
    for (const auto& key : foundation.ring->keys()) {
        const auto& use = uses[key.id];
        out.begin_object().key("key").text(to_hex(key.id.view())).key("use").text(name_of(key.use));
        out.key("state").text(name_of(key.state)).key("created").text(record::timestamp_text(key.created));
        out.key("since").text(record::timestamp_text(key.changed));
        out.key("subject_keys").integer(whole(use.subject_keys)).key("secrets").integer(whole(use.secrets));
        out.key("webhooks").integer(whole(use.inbox)).key("notes").integer(whole(use.notes)).end();
    }
    out.end().end();
    return out.take();
}

Answer rotate(Foundation& foundation, const access::Caller& caller, value::Node arguments) {
    TRY(const auto named, text_argument(arguments, "use"));
    TRY(const bool destroy, flag_argument(arguments, "destroy"));
    std::vector<vault::Use> uses{vault::Use::cred, vault::Use::subject};
    if (named) {
        TRY(const auto use, vault::use_named(*named));
        uses = {use};
    }
    value::Builder out;
    out.begin_object().key("rotated").begin_array();
    flow::Rewrap done;
    std::vector<Uid> destroyed;
    const auto began = foundation.clock.now();
    for (const auto use : uses) {
        TRY(const auto id, foundation.rotation->rotate(use, caller.actor()));
        out.begin_object().key("use").text(name_of(use)).key("key").text(to_hex(id.view())).end();
    }
    if (destroy) {
        for (const auto use : uses) {
            TRY(auto roll, foundation.rotation->roll(use, began, caller.actor()));
            done.subject_keys += roll.rewrap.subject_keys;
            done.secrets += roll.rewrap.secrets;
            done.inbox += roll.rewrap.inbox;
            done.complete = roll.rewrap.complete;
            destroyed.insert(destroyed.end(), roll.destroyed.begin(), roll.destroyed.end());
        }
    } else {
        TRY(done, foundation.rotation->rewrap());
    }
    out.end();
    write_rewrap(out, done);
    if (destroy) {
        out.key("destroyed").begin_array();
        for (const auto& id : destroyed) out.text(to_hex(id.view()));
        out.end();
    }
    out.end();
    return out.take();
}

Answer rewrap(Foundation& foundation) {
    TRY(const auto done, foundation.rotation->rewrap());
    value::Builder out;
    out.begin_object();
    write_rewrap(out, done);
    out.end();
    return out.take();
}

Answer verify(Foundation& foundation) {
    TRY(const auto check, foundation.rotation->verify());
    value::Builder out;
    out.begin_object().key("subject_keys").integer(whole(check.subject_keys));
    out.key("secrets").integer(whole(check.secrets)).key("webhooks").integer(whole(check.inbox));
    out.key("notes").integer(whole(check.notes));
    out.key("broken").integer(whole(check.broken)).key("intact").boolean(check.broken == 0);
    out.key("errors").begin_array();
    for (const auto& error : check.errors) out.text(error.text());
    out.end().end();
    return out.take();
}

Answer destroy(Foundation& foundation, const access::Caller& caller, value::Node arguments) {
    TRY(const auto text, needed_text(arguments, "key"));
    const auto raw = from_hex(text);
    if (!raw || raw->size() != 16)
        return fail(Fault::bad_input, "a key is named by 32 hexadecimal digits, as `tributary vault status` shows them",
                    "argument key");
    Uid id;
    std::copy(raw->begin(), raw->end(), id.bytes.begin());
    CHECK_OK(foundation.rotation->destroy(id, caller.actor()));
    value::Builder out;
    out.begin_object().key("destroyed").text(text).end();
    return out.take();
}

// The new master: {to: the block for vault.master, passphrase: of a master of that type}.
Answer change_master(Foundation& foundation, const Config& config, const access::Caller& caller,
                     value::Node arguments) {
    TRY(const auto text, needed_text(arguments, "to"));
    TRY(auto phrase, text_argument(arguments, "passphrase"));
    spec::Problems problems;
    auto master = spec::load_text<MasterConfig>(text, "vault.master", problems);
    if (!master || !problems.ok()) return fail(problems.error());
    if (auto* file = std::get_if<MasterFileConfig>(&*master))
        file->path = (config.directory() / file->path).lexically_normal();
    if (ring_path(config, *master) != foundation.ring->path())
        return fail(Fault::bad_config,
                    "with this master the key ring would be looked for at " + ring_path(config, *master).string() +
                        ": write `ring: " + foundation.ring->path().string() + "` under `vault` first",
                    "vault.ring");
    if (std::holds_alternative<MasterDescriptorConfig>(*master))
        return fail(Fault::bad_input,
                    "a descriptor belongs to one process: give the same key as { type: file, path: ... }, and read it "
                    "from the descriptor afterwards",
                    "vault.master.fd");
    Result<vault::Master> opened = fail(Fault::internal, "");
    if (std::holds_alternative<MasterPassphraseConfig>(*master)) {
        opened = vault::Master::from_passphrase(crypto::SecretBytes(phrase.value_or("")));
    } else {
        if (const auto* file = std::get_if<MasterFileConfig>(&*master); file && !std::filesystem::exists(file->path))
            CHECK_OK(vault::create_master_file(file->path, foundation.random));
        opened = open_master(*master);
    }
    if (!opened) return pass(std::move(opened), "vault.master");
    CHECK_OK(foundation.rotation->change_master(*opened, caller.actor()));
    value::Builder out;
    out.begin_object().key("sealed_with").text(text);
    out.key("next").text(
        "write this under vault.master in gateway.yaml, keep a copy elsewhere, and destroy the old one");
    out.end();
    return out.take();
}

template <const char* What>
run::Task<Answer> on_foundation(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&] {
        return perform_vault(gateway.foundation(), gateway.catalogue().config, caller, What, arguments);
    });
}

constexpr char kStatus[] = "vault.status", kRotate[] = "vault.rotate", kRewrapKeys[] = "vault.rewrap",
               kVerify[] = "vault.verify", kDestroyKey[] = "vault.destroy", kMaster[] = "vault.master";

}  // namespace

Answer perform_vault(Foundation& foundation, const Config& config, const access::Caller& caller, std::string_view what,
                     value::Node arguments) {
    if (what == kStatus) return status(foundation);
    if (what == kRotate) return rotate(foundation, caller, arguments);
    if (what == kRewrapKeys) return rewrap(foundation);
    if (what == kVerify) return verify(foundation);
    if (what == kDestroyKey) return destroy(foundation, caller, arguments);
    if (what == kMaster) return change_master(foundation, config, caller, arguments);
    return fail(Fault::internal, "there is no such operation", std::string(what));
}

std::vector<NamedOperation> vault_operations() {
    using api::field::flag, api::field::integer, api::field::list, api::field::one_of, api::field::text,
        api::field::texts, api::field::time;
    using enum access::Permission;
    const auto use = one_of("use", api::names_to(vault::Use::analytics));
    const api::Fields key{text("key"),
                          use,
                          one_of("state", api::names_to(vault::KeyState::destroyed)),
                          time("created"),
                          time("since"),
                          integer("subject_keys"),
                          integer("secrets"),
                          integer("webhooks"),
                          integer("notes")};
    const api::Fields wrapped{integer("rewrapped_subject_keys"), integer("rewrapped_secrets"),
                              integer("resealed_webhooks"), integer("resealed_notes"), flag("complete")};
    auto rotated = wrapped;
    rotated.push_back(list("rotated", {use, text("key")}));
    rotated.push_back(texts("destroyed"));
    return {
        {kStatus, secret_read, on_foundation<kStatus>, {}, {text("ring"), text("key_service_key"), list("keys", key)}},
        // With `destroy` as below.
        {kRotate,
         vault_rotate,
         on_foundation<kRotate>,
         {text("use"), flag("destroy")},
         rotated,
         api::Persons::two,
         "destroy"},
        {kRewrapKeys, vault_rotate, on_foundation<kRewrapKeys>, {}, wrapped},
        {kVerify,
         secret_read,
         on_foundation<kVerify>,
         {},
         {integer("subject_keys"), integer("secrets"), integer("webhooks"), integer("notes"), integer("broken"),
          flag("intact"), texts("errors")}},
        // What it opened is lost for good.
        {kDestroyKey,
         vault_rotate,
         on_foundation<kDestroyKey>,
         {text("key").needed()},
         {text("destroyed")},
         api::Persons::two},
        {kMaster,
         vault_rotate,
         on_foundation<kMaster>,
         {text("to").needed(), text("passphrase")},
         {text("sealed_with"), text("next")}}};
}

}  // namespace tributary::app
