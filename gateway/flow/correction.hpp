// One thing that is put right in a record, and how it is laid over it. An element of a list is named by what it is: its
// position differs from source to source and from day to day.
#pragma once

#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/record/model.hpp"
#include "gateway/value/document.hpp"
#include "gateway/value/element_path.hpp"

namespace tributary::flow {

struct Correction {
    value::ElementPath path;
    value::Document value;  // empty: taken out

    value::Node node() const { return value.empty() ? value::Node() : value.root(); }
    std::string text() const { return value::text_of(path); }
    bool adds() const { return path.back().kind == value::PathStep::Kind::append; }
    // It says which elements it is about, and so holds whenever they come again.
    bool names_elements() const;
};

// `fields` as flow::correct() takes them, each value in the form that its type has in the model; of contact points what
// is looked for, too. bad_input names the field, without any value.
Result<std::vector<Correction>> read_corrections(const record::Entity& entity, value::Node fields);

// As they are kept: an object of path to value; the elements that one list is to have besides stand together. What was
// kept by position before is read too.
value::Document to_document(const std::vector<Correction>& corrections);
std::vector<Correction> corrections_from(value::Node kept);

// Of addresses and numbers what they lead to counts, not what else is said of them.
bool same(value::Node a, value::Node b);
// Whether the record says by itself what the correction says.
bool is_carried(value::Node record, const Correction& correction);
// How many elements of the record it names.
std::size_t elements_named(value::Node record, const Correction& correction);
// Whether `later` says anew what `earlier` said: of the same place, or it puts an element there that `earlier` would
// change or take out, or takes one out that `earlier` added.
bool replaces(const Correction& later, const Correction& earlier);
// bad_input: the record has no place for it.
Result<value::Document> lay(value::Node record, const Correction& correction);

}  // namespace tributary::flow
