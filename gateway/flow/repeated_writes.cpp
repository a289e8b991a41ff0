#include "gateway/flow/repeated_writes.hpp"

#include "gateway/flow/note_places.hpp"
#include "gateway/flow/sealed_note.hpp"
#include "gateway/vault/blind_index.hpp"

namespace tributary::flow {
namespace {

// A request may hold a password: a bare hash of it could be guessed from a stolen database.
store::Digest blinded(const vault::KeyRing& ring, const store::Digest& request) {
    return vault::BlindIndex(ring).of("idempotent request", request.view());
}

}  // namespace

store::Digest RepeatedWrites::key_of(std::string_view caller, std::string_view key) {
    return crypto::sha256(crypto::Place{"idempotency key", caller, key}.bytes());
}

Result<std::optional<KeptAnswer>> RepeatedWrites::begin(const store::Digest& key, const store::Digest& request) {
    std::optional<store::IdempotentWrite> before;
    const auto now = clock_.now();
    const auto asked = blinded(ring_, request);
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        TRY(before, session.idempotency().find(key));
        if (before && now - before->at < kAnswersKept) return {};
        before.reset();
        return session.idempotency().put({key, asked, now, 0, ""});
    }));
    if (!before) return std::nullopt;
    if (before->request != asked)
        return fail(Fault::bad_input, "this key was used for another request within 24 hours", "Idempotency-Key");
    if (before->status == 0)
        return fail(Fault::conflict,
                    "the first request with this key has no answer yet, or the gateway stopped before it had one: look "
                    "whether it was done",
                    "Idempotency-Key");
    TRY(auto body, open_note(ring_, answer_place(key.view()), before->answer));
    return KeptAnswer{before->status, std::move(body)};
}

Result<void> RepeatedWrites::finish(const store::Digest& key, const store::Digest& request, const KeptAnswer& answer) {
    const auto sealed = seal_note(ring_, random_, answer_place(key.view()), answer.body);
    const auto asked = blinded(ring_, request);
    return store_.write([&](store::Session& session) {
        return session.idempotency().put({key, asked, clock_.now(), answer.status, sealed});
    });
}

Result<void> RepeatedWrites::forget(const store::Digest& key) {
    return store_.write([&](store::Session& session) { return session.idempotency().remove(key); });
}

}  // namespace tributary::flow
