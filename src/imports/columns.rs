//! What the columns of a table hold, by what they are headed with, in the languages of most who will try.

use crate::db::stored_as_text;

stored_as_text! {
    /// What a column holds.
    pub enum Column {
        /// Addresses.
        Email = "email",
        /// Whole names.
        Name = "name",
        /// First names.
        First = "first",
        /// Last names.
        Last = "last",
        /// Teams.
        Team = "team",
        /// Job titles.
        Title = "title",
        /// Something else, which stays unread.
        Other = "other",
    }
}

/// What a heading says, as it reads once it is folded.
const WORDS: &[(Column, &[&str])] = &[
    (
        Column::Email,
        &[
            "courriel",
            "correo",
            "e post",
            "epost",
            "sahkoposti",
            "posta elettronica",
            "adresse electronique",
            "почта",
            "эл почта",
            "электронная почта",
            "メール",
            "メールアドレス",
            "邮箱",
            "電子郵件",
            "电子邮件",
            "이메일",
        ],
    ),
    (
        Column::First,
        &[
            "first",
            "first name",
            "firstname",
            "given name",
            "givenname",
            "forename",
            "vorname",
            "prenom",
            "voornaam",
            "fornamn",
            "fornavn",
            "etunimi",
            "imie",
            "jmeno",
            "имя",
            "名",
            "first names",
            "nombre de pila",
            "primeiro nome",
        ],
    ),
    (
        Column::Last,
        &[
            "last",
            "last name",
            "lastname",
            "surname",
            "family name",
            "familyname",
            "nachname",
            "familienname",
            "zuname",
            "nom de famille",
            "apellido",
            "apellidos",
            "cognome",
            "sobrenome",
            "apelido",
            "achternaam",
            "efternamn",
            "etternavn",
            "efternavn",
            "sukunimi",
            "nazwisko",
            "prijmeni",
            "фамилия",
            "姓",
        ],
    ),
    (
        Column::Name,
        &[
            "name",
            "full name",
            "fullname",
            "display name",
            "displayname",
            "person",
            "employee",
            "contact",
            "mitarbeiter",
            "mitarbeiterin",
            "nom",
            "nom complet",
            "nombre",
            "nombre completo",
            "nome",
            "nome completo",
            "naam",
            "namn",
            "navn",
            "nimi",
            "nazwa",
            "фио",
            "полное имя",
            "氏名",
            "名前",
            "姓名",
            "이름",
            "成員",
        ],
    ),
    (
        Column::Team,
        &[
            "team",
            "group",
            "department",
            "dept",
            "division",
            "unit",
            "abteilung",
            "gruppe",
            "bereich",
            "equipe",
            "service",
            "departement",
            "equipo",
            "departamento",
            "grupo",
            "area",
            "reparto",
            "squadra",
            "gruppo",
            "afdeling",
            "avdelning",
            "avdeling",
            "osasto",
            "zespol",
            "dzial",
            "oddeleni",
            "отдел",
            "команда",
            "部門",
            "部署",
            "部门",
            "チーム",
            "팀",
            "부서",
        ],
    ),
    (
        Column::Title,
        &[
            "title",
            "job title",
            "jobtitle",
            "job",
            "position",
            "role",
            "function",
            "funktion",
            "titel",
            "stelle",
            "rolle",
            "berufsbezeichnung",
            "positionsbezeichnung",
            "poste",
            "fonction",
            "titre",
            "intitule du poste",
            "cargo",
            "puesto",
            "titulo",
            "funcao",
            "ruolo",
            "qualifica",
            "mansione",
            "functie",
            "functietitel",
            "befattning",
            "stilling",
            "tehtava",
            "stanowisko",
            "pozice",
            "должность",
            "役職",
            "职位",
            "職位",
            "직책",
        ],
    ),
];

/// What the columns of a table seem to hold, by its headings. No two hold the same.
pub(super) fn by_headings(headings: &[String]) -> Vec<Column> {
    let folded: Vec<String> = headings.iter().map(|heading| fold(heading)).collect();
    let mut columns: Vec<Column> = folded.iter().map(|heading| by_heading(heading)).collect();
    let there = |columns: &[Column], column| columns.contains(&column);
    // "Nom, prénom" or "Name, Vorname": beside the one half, a name is the other half.
    let (first, last) = (there(&columns, Column::First), there(&columns, Column::Last));
    for (column, heading) in columns.iter_mut().zip(&folded) {
        let whole = ["full", "display", "complet", "полное"].iter().any(|word| heading.contains(word));
        if *column == Column::Name && !whole && first != last {
            *column = if first { Column::Last } else { Column::First };
        }
    }
    only_first_of_each(columns)
}

/// The same of a table without headings, by what stands in it: addresses, and before or after them the names.
pub(super) fn by_contents(rows: &[&[String]]) -> Vec<Column> {
    let widest = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    let share = |column: usize, fits: fn(&str) -> bool| {
        rows.iter().filter_map(|row| row.get(column)).filter(|cell| fits(cell.trim())).count()
    };
    let addresses = (0..widest).rev().max_by_key(|column| share(*column, |cell| cell.contains('@')));
    let named = |cell: &str| {
        cell.contains(char::is_alphabetic)
            && !cell.contains(['@', '/', '_'])
            && !cell.contains(|sign: char| sign.is_ascii_digit())
    };
    let names = (0..widest).find(|column| Some(*column) != addresses && share(*column, named) * 2 > rows.len());
    (0..widest)
        .map(|column| match column {
            column if Some(column) == addresses => Column::Email,
            column if Some(column) == names => Column::Name,
            _ => Column::Other,
        })
        .collect()
}

fn by_heading(folded: &str) -> Column {
    let known = WORDS.iter().find(|(_, words)| words.contains(&folded)).map(|(column, _)| *column);
    known.unwrap_or_else(|| {
        let words: Vec<&str> = folded.split(' ').collect();
        // "Work email", "Adresse mail", "E-Mail-Adresse", "correo electrónico" and what else goes with it.
        let addressed =
            folded.contains("mail") || words.iter().any(|word| ["correo", "courriel", "почта"].contains(word));
        if addressed { Column::Email } else { Column::Other }
    })
}

fn only_first_of_each(columns: Vec<Column>) -> Vec<Column> {
    let mut seen = Vec::new();
    let mut once = |column| {
        if column == Column::Other || seen.contains(&column) {
            return Column::Other;
        }
        seen.push(column);
        column
    };
    columns.into_iter().map(&mut once).collect()
}

/// Small letters without accents, and one blank for whatever stands between two words.
fn fold(heading: &str) -> String {
    let plain: String = heading
        .to_lowercase()
        .chars()
        .map(|sign| match sign {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' => 'a',
            'ç' | 'ć' | 'č' => 'c',
            'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ł' => 'l',
            'ñ' | 'ń' | 'ň' => 'n',
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
            'ř' => 'r',
            'ś' | 'š' => 's',
            'ù' | 'ú' | 'û' | 'ü' | 'ů' => 'u',
            'ý' => 'y',
            'ź' | 'ż' | 'ž' => 'z',
            sign if sign.is_alphanumeric() => sign,
            // Accents that stand beside their letter.
            '\u{300}'..='\u{36f}' => '\0',
            _ => ' ',
        })
        .filter(|sign| *sign != '\0')
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Column::*, *};

    fn of(headings: &str) -> Vec<Column> {
        by_headings(&headings.split('|').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn headings_are_known_in_many_languages() {
        for (headings, columns) in [
            ("Name|E-mail|Team", vec![Name, Email, Team]),
            ("First Name|Last Name|Email address|Department|Job Title", vec![First, Last, Email, Team, Title]),
            ("Nachname|Vorname|E-Mail-Adresse|Abteilung|Funktion", vec![Last, First, Email, Team, Title]),
            ("Name|Vorname|Mail", vec![Last, First, Email]),
            ("NOM|Prénom|Adresse électronique|Équipe|Poste", vec![Last, First, Email, Team, Title]),
            ("Nom|Courriel|Service", vec![Name, Email, Team]),
            ("Nombre|Apellidos|Correo electrónico|Departamento|Cargo", vec![First, Last, Email, Team, Title]),
            ("Nombre|Correo|Equipo|Puesto", vec![Name, Email, Team, Title]),
            ("Nome|Cognome|Posta elettronica|Reparto|Ruolo", vec![First, Last, Email, Team, Title]),
            ("Voornaam|Achternaam|E-mailadres|Afdeling|Functie", vec![First, Last, Email, Team, Title]),
            ("Förnamn|Efternamn|E-post|Avdelning|Befattning", vec![First, Last, Email, Team, Title]),
            ("Imię|Nazwisko|Adres e-mail|Dział|Stanowisko", vec![First, Last, Email, Team, Title]),
            ("Фамилия|Имя|Электронная почта|Отдел|Должность", vec![Last, First, Email, Team, Title]),
            ("氏名|メールアドレス|部署|役職", vec![Name, Email, Team, Title]),
            ("givenName|sn|mail|displayName", vec![First, Other, Email, Name]),
            ("Pre\u{301}nom|Nom|Mail", vec![First, Last, Email]),
        ] {
            assert_eq!(of(headings), columns, "{headings}");
        }
    }

    #[test]
    fn unknown_headings_and_second_ones_are_left_unread() {
        assert_eq!(of("Phone|Work email|Private email|Cost centre"), [Other, Email, Other, Other]);
        assert_eq!(of("Full name|First name|Mail"), [Name, First, Email]);
        assert_eq!(of("||"), [Other, Other, Other]);
    }

    #[test]
    fn a_table_without_headings_is_known_by_what_stands_in_it() {
        let rows: Vec<Vec<String>> = [["17", "Kim Lee", "kim@x.test"], ["18", "Sam", ""], ["19", "", "ann@x.test"]]
            .map(|row| row.map(str::to_owned).to_vec())
            .into();
        let rows: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
        assert_eq!(by_contents(&rows), [Other, Name, Email]);
        assert_eq!(by_contents(&[]), Vec::<Column>::new());
    }
}
