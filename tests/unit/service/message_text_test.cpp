#include "gateway/service/message_text.hpp"

#include <catch2/catch.hpp>

#include "gateway/service/word_list.hpp"

using namespace tributary::service;

TEST_CASE("text of an HTML mail", "[service][text]") {
    CHECK(text_of_html("<p>Gr&ouml;&szlig;e?</p>") == "\nGröße?\n");
    CHECK(text_of_html("<style>p { x }</style>a<script>if (1 < 2) x</script>b") == "ab");
    CHECK(text_of_html("a<!-- hidden -->b &amp; c &#252;&#xFC; &unknown; &") == "ab & c üü &unknown; &");
    CHECK(text_of_html("1 < 2 and a<b") == "1 < 2 and a ");  // what never closes ends the text
    CHECK(text_of_html("&#xD800; &#0; &#99999999;") == "&#xD800; &#0; &#99999999;");
    CHECK(text_of_html("<script>never closed") == "");
}

TEST_CASE("a message's own words", "[service][text]") {
    CHECK(own_words("yes\n> no?\n > no\nwell\n-- \nAnn\nACME") == "yes\nwell");
    CHECK(without_urls("see https://a.example/?q=1 now http://b?") == "see   now  ");
}

TEST_CASE("folding makes spellings one", "[service][text]") {
    CHECK(fold("  GRÖẞE\n Größe ") == "grosse grosse");
    CHECK(fold("Déçu, cancelación, ＡＢＣ") == "decu, cancelacion, abc");
    CHECK(fold("l’été") == "l'ete");
    CHECK(fold("Жалоба") == "жалоба");
    CHECK(fold("がっこう") == "がっこう");  // marks of other scripts stay
    CHECK(fold("\xff\xfe") == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("words are found alone, phrases over punctuation, Chinese anywhere", "[service][text]") {
    auto list = WordList::compile({"defekt", "Beschwer*", "geld zurück", "坏了", "c++"});
    REQUIRE(list);
    CHECK(list->find(fold("Gerät DEFEKT!")) == "defekt");
    CHECK(list->find(fold("ein Defektes Gerät")).empty());
    CHECK(list->find(fold("meine Beschwerden")) == "beschwerden");
    CHECK(list->find(fold("Geld,\n bitte -- zurück")).empty());
    CHECK(list->find(fold("Mein Geld\n – ZURUCK")) == "geld – zuruck");
    CHECK(list->find(fold("茶壶坏了,退款")) == "坏了");
    CHECK(list->find(fold("I like C++ a lot")) == "c++");
    CHECK(list->find("").empty());
    CHECK_FALSE(WordList::compile({" "}).has_value());
}
