// Names for invented colleagues, with the pinyin that search and addresses need.

const surnames: readonly (readonly [string, string])[] = [
  ["李", "li"], ["王", "wang"], ["张", "zhang"], ["刘", "liu"], ["陈", "chen"], ["杨", "yang"], ["赵", "zhao"],
  ["黄", "huang"], ["周", "zhou"], ["吴", "wu"], ["徐", "xu"], ["孙", "sun"], ["胡", "hu"], ["朱", "zhu"],
  ["高", "gao"], ["林", "lin"], ["何", "he"], ["郭", "guo"], ["马", "ma"], ["罗", "luo"], ["梁", "liang"],
  ["宋", "song"], ["郑", "zheng"], ["谢", "xie"], ["韩", "han"], ["唐", "tang"], ["冯", "feng"], ["欧阳", "ouyang"],
];

const given: readonly (readonly [string, string])[] = [
  ["斌", "bin"], ["静怡", "jingyi"], ["建国", "jianguo"], ["晓东", "xiaodong"], ["丽华", "lihua"], ["伟", "wei"],
  ["雨桐", "yutong"], ["志强", "zhiqiang"], ["敏", "min"], ["海涛", "haitao"], ["思远", "siyuan"], ["芳", "fang"],
  ["子轩", "zixuan"], ["国庆", "guoqing"], ["婷婷", "tingting"], ["明", "ming"], ["若兰", "ruolan"], ["俊杰", "junjie"],
  ["秀英", "xiuying"], ["浩然", "haoran"], ["雪梅", "xuemei"], ["磊", "lei"], ["嘉欣", "jiaxin"], ["文博", "wenbo"],
  ["春燕", "chunyan"], ["一鸣", "yiming"], ["慧", "hui"], ["天佑", "tianyou"], ["晨曦", "chenxi"], ["立新", "lixin"],
  ["佳", "jia"],
];

export interface InventedName {
  name: string;
  /** `li.bin`, made unique with a number where needed. */
  login: string;
  pinyin: string;
  initials: string;
}

/** The n-th invented person; the same number always gives the same person. */
export function inventedName(n: number): InventedName {
  const [surname, surnamePinyin] = surnames[n % surnames.length] ?? ["李", "li"];
  const [first, firstPinyin] = given[(n * 7 + Math.floor(n / surnames.length)) % given.length] ?? ["斌", "bin"];
  const round = Math.floor(n / (surnames.length * given.length));
  const login = `${surnamePinyin}.${firstPinyin}${round === 0 ? "" : String(round + 1)}`;
  return {
    name: surname + first,
    login,
    pinyin: surnamePinyin + firstPinyin,
    initials: surnamePinyin.charAt(0) + firstPinyin.charAt(0),
  };
}
