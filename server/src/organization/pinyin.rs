//! The pinyin of names, the key of their order: syllables in lower case with a space between them. Surnames
//! are read as surnames: 单 is shan, 尉迟 is yuchi.

use pinyin::ToPinyin;

/// Surnames that are read otherwise than the same characters elsewhere.
const SURNAMES: &[(&str, &str)] = &[
    ("万俟", "mo qi"),
    ("尉迟", "yu chi"),
    ("长孙", "zhang sun"),
    ("单于", "chan yu"),
    ("澹台", "tan tai"),
    ("宿", "su"),
    ("令狐", "ling hu"),
    ("鲜于", "xian yu"),
    ("亓官", "qi guan"),
    ("夏侯", "xia hou"),
    ("乐正", "yue zheng"),
    ("单", "shan"),
    ("曾", "zeng"),
    ("解", "xie"),
    ("仇", "qiu"),
    ("区", "ou"),
    ("查", "zha"),
    ("盖", "ge"),
    ("任", "ren"),
    ("朴", "piao"),
    ("乐", "yue"),
    ("员", "yun"),
    ("缪", "miao"),
    ("覃", "qin"),
    ("翟", "zhai"),
    ("种", "chong"),
    ("折", "she"),
    ("洗", "xian"),
    ("冼", "xian"),
    ("黑", "he"),
    ("秘", "bi"),
    ("繁", "po"),
    ("尉", "wei"),
    ("华", "hua"),
    ("纪", "ji"),
    ("俞", "yu"),
    ("俱", "ju"),
    ("召", "shao"),
    ("阚", "kan"),
    ("逄", "pang"),
    ("佴", "nai"),
    ("适", "kuo"),
    ("句", "gou"),
    ("车", "che"),
    ("晁", "chao"),
    ("谌", "chen"),
    ("隗", "wei"),
    ("那", "na"),
    ("宓", "mi"),
    ("祭", "zhai"),
    ("牟", "mu"),
    ("石", "shi"),
    ("沈", "shen"),
    ("柏", "bai"),
    ("尹", "yin"),
    ("燕", "yan"),
    ("应", "ying"),
    ("宁", "ning"),
    ("哈", "ha"),
    ("卜", "bu"),
    ("贾", "jia"),
    ("郇", "xun"),
    ("撒", "sa"),
    ("相", "xiang"),
    ("幺", "yao"),
    ("訾", "zi"),
    ("葛", "ge"),
    ("过", "guo"),
    ("重", "chong"),
    ("曲", "qu"),
    ("费", "fei"),
    ("干", "gan"),
    ("钻", "zuan"),
    ("行", "xing"),
    ("盛", "sheng"),
    ("强", "qiang"),
    ("臧", "zang"),
    ("藏", "zang"),
    ("殷", "yin"),
    ("都", "du"),
    ("娄", "lou"),
    ("长", "chang"),
    ("粘", "nian"),
    ("弗", "fu"),
    ("莘", "shen"),
    ("眭", "sui"),
    ("仉", "zhang"),
    ("鲍", "bao"),
    ("褚", "chu"),
    ("呙", "guo"),
    ("戚", "qi"),
    ("朝", "chao"),
];

/// Characters of department names that are mostly read otherwise than the table of single characters says.
const WORDS: &[(&str, &str)] = &[
    ("银行", "yin hang"),
    ("行业", "hang ye"),
    ("重庆", "chong qing"),
    ("厦门", "xia men"),
    ("长沙", "chang sha"),
    ("长春", "chang chun"),
    ("会计", "kuai ji"),
    ("成都", "cheng du"),
    ("调度", "diao du"),
    ("调研", "diao yan"),
    ("音乐", "yin yue"),
    ("总会计", "zong kuai ji"),
];

/// Key of a person's name.
pub fn of_person(name: &str) -> String {
    let surname = SURNAMES.iter().find_map(|(surname, key)| Some((*key, name.strip_prefix(surname)?)));
    match surname {
        // A name of one character alone may as well be a word.
        Some((key, rest)) if !rest.is_empty() => {
            let mut text = key.to_owned();
            append(&mut text, rest, &[]);
            text
        }
        Some(_) | None => of_text(name),
    }
}

/// Key of any other name, such as a department's.
pub fn of_text(name: &str) -> String {
    let mut text = String::new();
    append(&mut text, name, WORDS);
    text
}

fn append(text: &mut String, name: &str, words: &[(&str, &str)]) {
    let mut rest = name;
    let mut after_syllable = !text.is_empty();
    while let Some(letter) = rest.chars().next() {
        let word = words.iter().find_map(|(word, key)| Some((*key, rest.strip_prefix(word)?)));
        let (syllable, next) = match word {
            Some((key, next)) => (Some(key), next),
            None => {
                (letter.to_pinyin().map(pinyin::Pinyin::plain), rest.strip_prefix(letter).unwrap_or_default())
            }
        };
        if after_syllable || (syllable.is_some() && !text.is_empty()) {
            text.push(' ');
        }
        match syllable {
            Some(syllable) => text.push_str(syllable),
            None => text.extend(letter.to_lowercase()),
        }
        after_syllable = syllable.is_some();
        rest = next;
    }
    // Blanks of the name itself count as separators like ours.
    if text.contains("  ") || text.ends_with(' ') {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

#[cfg(test)]
mod tests {
    use super::{of_person, of_text};

    #[test]
    fn surnames_are_read_as_surnames() {
        for (name, key) in [
            ("单雄信", "shan xiong xin"),
            ("曾国藩", "zeng guo fan"),
            ("解缙", "xie jin"),
            ("仇英", "qiu ying"),
            ("区志强", "ou zhi qiang"),
            ("查良镛", "zha liang yong"),
            ("盖叫天", "ge jiao tian"),
            ("任正非", "ren zheng fei"),
            ("尉迟恭", "yu chi gong"),
            ("长孙无忌", "zhang sun wu ji"),
            ("王小明", "wang xiao ming"),
        ] {
            assert_eq!(of_person(name), key);
        }
    }

    #[test]
    fn other_writing_stays_in_lower_case() {
        assert_eq!(of_person("Alice Müller"), "alice müller");
        assert_eq!(of_person("IT小王"), "it xiao wang");
        assert_eq!(of_text("重庆分公司"), "chong qing fen gong si");
        assert_eq!(of_text("研发1部"), "yan fa 1 bu");
        assert_eq!(of_text("  总  部 "), "zong bu");
        assert_eq!(of_text("👍"), "👍");
    }
}
