// What each sealed note is bound to: its kind and its row.
#pragma once

#include <string_view>

#include "gateway/crypto/aead.hpp"
#include "gateway/store/sealed_notes.hpp"

namespace tributary::flow {

inline crypto::Place totp_place(std::string_view user) {
    return {"user", user, "totp"};
}
inline crypto::Place next_totp_place(std::string_view user) {
    return {"user", user, "totp next"};
}
inline crypto::Place approval_place(std::string_view id) {
    return {"approval", id};
}
inline crypto::Place answer_place(std::string_view key) {
    return {"idempotency", key};
}
inline crypto::Place reach_place(const Uid& request, std::string_view destination) {
    return {"propagation", request.view(), destination};
}

inline crypto::Place place_of(const store::SealedNote& note) {
    switch (note.kind) {
        case store::NoteKind::totp:
            return totp_place(note.row);
        case store::NoteKind::totp_next:
            return next_totp_place(note.row);
        case store::NoteKind::approval:
            return approval_place(note.row);
        case store::NoteKind::answer:
            return answer_place(note.row);
        case store::NoteKind::reach:
            return reach_place(note.request, note.destination);
    }
    return {};
}

}  // namespace tributary::flow
