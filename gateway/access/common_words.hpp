// CommonWords: what most passwords of the lists of breaches are made of, in small letters: words that stand alone or
// between digits and signs, and whole sentences that many take for long enough.
#pragma once

#include <array>
#include <string_view>

namespace tributary::access {

inline constexpr auto kCommonWords = std::to_array<std::string_view>(
    {// for what it is, in several languages
     "password", "passwort", "passw", "motdepasse", "contrasena", "mima", "parola", "kennwort", "senha", "wachtwoord",
     "haslo", "heslo", "lozinka", "sifre", "jelszo", "losenord", "adgangskode", "salasana", "secret", "geheim",
     "secreto", "segreto", "passphrase", "passcode", "opensesame", "sesame", "letmein", "changeme", "changeit",
     "default", "login", "access", "master", "private", "security", "secure", "unknown", "nothing", "whatever",
     // for whom it is
     "admin", "administrator", "administrador", "root", "user", "guest", "welcome", "willkommen", "bienvenue",
     "bienvenido", "manager", "operator", "support", "service", "server", "system", "oracle", "postgres", "mysql",
     "company", "office", "school", "student", "teacher", "test", "testing", "temp", "demo", "tributary", "gateway",
     "network", "router", "cisco", "computer", "internet", "windows", "microsoft", "google", "facebook", "samsung",
     "apple", "android", "iphone", "nokia", "linkedin", "myspace", "youtube", "twitter", "instagram", "hotmail",
     // seasons, months and days
     "summer", "winter", "spring", "autumn", "sommer", "herbst", "fruehling", "january", "february", "march", "april",
     "june", "july", "august", "september", "october", "november", "december", "januar", "februar", "oktober",
     "dezember", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "montag", "freitag",
     "samstag",
     // names
     "michael", "jennifer", "jessica", "jordan", "daniel", "andrew", "joshua", "thomas", "charlie", "robert", "matthew",
     "anthony", "william", "george", "nicole", "michelle", "ashley", "amanda", "hannah", "samantha", "elizabeth",
     "patrick", "alexander", "alexandra", "maria", "andrea", "martin", "christian", "sebastian", "stefan", "thorsten",
     "claudia", "sabrina", "natasha", "vladimir", "carlos", "alejandro", "fernando", "roberto", "ricardo", "gabriel",
     // love, faith and oaths
     "iloveyou", "loveyou", "lovely", "lover", "love", "forever", "teamo", "tequiero", "jetaime", "ichliebedich",
     "woaini", "iloveu", "princess", "prince", "princesa", "angel", "angels", "jesus", "christ", "heaven", "blessed",
     "family", "friends", "mother", "father", "daddy", "mommy", "babygirl", "sweetie", "sweetheart", "schatz",
     "liebling", "hallo", "hello", "fuckyou", "fuckoff", "asshole", "bitch",
     // animals, plants and things to eat
     "dragon", "monkey", "tiger", "lion", "eagle", "falcon", "panther", "dolphin", "butterfly", "kitten", "puppy",
     "flower", "sunflower", "rainbow", "sunshine", "starlight", "chocolate", "cookie", "cheese", "banana", "orange",
     "pepper", "ginger", "coffee", "pumpkin", "buster", "tigger", "snoopy", "garfield",
     // games, films and sports
     "football", "fussball", "futbol", "soccer", "baseball", "basketball", "hockey", "superman", "batman", "spiderman",
     "ironman", "starwars", "startrek", "matrix", "pokemon", "naruto", "minecraft", "fortnite", "warcraft", "nintendo",
     "playstation", "pikachu", "hunter", "killer", "ninja", "shadow", "phoenix", "thunder", "mustang", "ferrari",
     "porsche", "mercedes", "yankees", "cowboys", "eagles", "lakers", "steelers", "packers", "liverpool", "chelsea",
     "arsenal", "barcelona", "realmadrid", "juventus", "schalke", "bayern", "metallica", "slipknot", "nirvana",
     "trustno", "qwerty", "azerty", "asdfgh", "zxcvbn"});

// The letters of sentences, without what stands between the words.
inline constexpr auto kCommonSentences = std::to_array<std::string_view>({"correcthorsebatterystaple",
                                                                          "thequickbrownfox",
                                                                          "jumpsoverthelazydog",
                                                                          "tobeornottobe",
                                                                          "thatisthequestion",
                                                                          "maytheforcebewithyou",
                                                                          "winteriscoming",
                                                                          "youshallnotpass",
                                                                          "hakunamatata",
                                                                          "supercalifragilisticexpialidocious",
                                                                          "antidisestablishmentarianism",
                                                                          "onceuponatime",
                                                                          "inthebeginning",
                                                                          "donttreadonme",
                                                                          "carpediem",
                                                                          "alohomora",
                                                                          "expectopatronum",
                                                                          "livelaughlove",
                                                                          "godisgood",
                                                                          "jesuslovesme",
                                                                          "jesusischrist",
                                                                          "inthenameof",
                                                                          "lordofthe",
                                                                          "gameofthrones",
                                                                          "harrypotter",
                                                                          "starwarsepisode",
                                                                          "theanswerisfortytwo",
                                                                          "helloworld",
                                                                          "thisismypassword",
                                                                          "mypasswordis",
                                                                          "iforgotmypassword",
                                                                          "passwordpassword",
                                                                          "idontknow",
                                                                          "idontcare",
                                                                          "nobodyknows",
                                                                          "topsecret",
                                                                          "letmeinplease",
                                                                          "pleaseletmein",
                                                                          "openthedoor",
                                                                          "happybirthday",
                                                                          "merrychristmas",
                                                                          "happynewyear",
                                                                          "imthebest",
                                                                          "iamthebest",
                                                                          "iamlegend",
                                                                          "ilovemyself",
                                                                          "ilovemymom",
                                                                          "ilovemyfamily",
                                                                          "ilovejesus",
                                                                          "iloveyouso",
                                                                          "twinkletwinkle",
                                                                          "itsybitsyspider",
                                                                          "rememberremember",
                                                                          "houstonwehave",
                                                                          "elementarymydear",
                                                                          "frodobaggins",
                                                                          "allyourbase",
                                                                          "changemeplease",
                                                                          "diesistmeinpasswort",
                                                                          "fischersfritz",
                                                                          "franzjagtimkomplett",
                                                                          "allemeineentchen"});

}  // namespace tributary::access
