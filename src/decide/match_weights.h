/*-------------------------------------------------------------------------
 *
 * match_weights.h
 *		The features of the judge with their default weights, in log-odds.
 *
 * X(id, code, weight, Chinese, English).  Weights are rounded and checked by
 * hand; how they were found stands in test/accuracy/README.md.  Codes are
 * stable: policies override weights by code, explain() shows them.  Append;
 * never rename.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_MATCH_WEIGHTS_H
#define LEADS_MATCH_WEIGHTS_H

#define LEADS_MATCH_FEATURES(X) \
	/* company names in Han */ \
	X(BASE, "base", -6.9, "起点：两家客户通常不是同一家", "to begin with: two customers are seldom one") \
	X(NAME_EQUAL, "name_equal", 0.6, "全称相同", "the full names are equal") \
	X(CORE_EQUAL, "core_equal", 0.4, "字号相同", "the core names are equal") \
	X(CORE_DISTANCE, "core_distance", 0.0, "字号不同的字", "characters in which the core names differ") \
	X(CORE_RELATIVE, "core_relative", -4.0, "字号差异的比例", "share of the core name that differs") \
	X(CORE_SOUND, "core_sound", 3.4, "字号同音或近音", "the core names sound alike") \
	X(CORE_SWAP, "core_swap", 3.7, "字号的字序颠倒", "two characters of the core name are swapped") \
	X(CORE_MORE, "core_more", 0.5, "字号多一字或少一字", "one core name has a character more") \
	X(CORE_OTHER, "core_other", 0.0, "字号有一字不同", "one character of the core name is another") \
	X(CORE_SHORT_EDIT, "core_short_edit", 0.0, "字号很短而有一字不同", "the core name is short and differs") \
	X(CORE_RARITY, "core_rarity", 1.1, "字号少见", "the core name is rare") \
	X(STEM_RARITY, "stem_rarity", 0.0, "字号加行业相同且少见", "core and industry are equal, and rare together") \
	X(CORE_NEAR_RARITY, "core_near_rarity", 0.0, "相近的字号少见", "the similar core names are rare") \
	X(SLIP_USUAL, "slip_usual", 0.0, "不同的字都常用于字号", "the differing characters are both usual in names") \
	X(SLIP_SOUND_USUAL, "slip_sound_usual", 0.0, "同音而都常用于字号的字", "sound alike, and both usual in names") \
	X(SLIP_CONTEXT, "slip_context", 0.0, "其中一字在此处少见，像笔误", "one of the characters is odd where it stands") \
	X(SLIP_BOTH_USUAL, "slip_both_usual", -0.6, "两字都很常用", "both characters are very usual in names") \
	X(SLIP_CONTEXT_LOW, "slip_context_usual", -3.4, "两字在此处都常见", "both characters are usual where they stand") \
	X(SLIP_HEAD, "slip_in_head", -0.7, "字号开头的字不同", "the core names begin differently") \
	X(SLIP_TRADE, "slip_in_trade", 1.4, "笔误在行业用词中", "the slip is in the words of the trade") \
	X(STEM_RELATIVE, "stem_relative", 0.0, "字号加行业的差异", "difference of core and industry") \
	X(STEM_NEAR, "stem_near", 1.4, "字号加行业几乎相同", "core and industry are nearly equal") \
	X(WHOLE_EQUAL, "whole_equal", 6.2, "除组织形式外全名相同", "equal but for the legal form") \
	X(WHOLE_NEAR, "whole_near", 1.8, "全名几乎相同", "the whole names are nearly equal") \
	X(WHOLE_RELATIVE, "whole_relative", -3.0, "全名的差异", "difference of the whole names") \
	X(WORD_INSERTED, "word_inserted", 4.2, "一方名称中间多一个词", "one name has a word more within") \
	X(WORD_APPENDED, "word_appended", 4.0, "一方名称末尾多一个词", "one name has a word more at its end") \
	X(WORD_MOVED, "word_moved", 3.9, "词序不同而用字相同", "the same characters, a word elsewhere") \
	X(WORD_REPEATED, "word_repeated", 2.2, "一方重复了一个词", "one repeats a word") \
	X(CHINA_DROPPED, "china_dropped", 2.3, "一方省略了中国二字", "equal but for the word China") \
	X(HOLDING_EQUAL, "equal_but_holding", 5.6, "除投资、控股、集团外全名相同", "equal but for investment, holding, group") \
	X(BANK_RENAMED, "bank_renamed", 2.6, "同一银行的新旧名称", "a bank under its former and present name") \
	X(EQUAL_NO_REGION, "equal_region_unknown", 2.0, "字号和行业相同且少见，一方未写地区", "core and industry are equal and rare, one names no region") \
	X(REGION_DROPPED, "region_dropped", 1.4, "除开头的地区外全名相同", "equal but for a region at the head") \
	X(OVERLAP, "overlap", 5.3, "共有的少见字词", "rare characters in common") \
	X(CONTAINED, "contained", 0.5, "一个名称包含另一个", "one name contains the other") \
	X(REGION_SAME, "region_same", 0.2, "同一地区", "the same region") \
	X(REGION_PROVINCE, "region_province", -0.5, "同省", "the same province, as far as is known") \
	X(REGION_DISTRICT, "region_other_district", -2.5, "同市不同区县", "another district of the same city") \
	X(REGION_CITY, "region_other_city", -3.3, "同省不同市", "another city of the same province") \
	X(REGION_CONFLICT, "region_conflict", -5.3, "不同省份", "different provinces") \
	X(REGION_UNKNOWN, "region_unknown", -0.1, "一方地区不明", "the region of one is unknown") \
	X(EQUAL_CONFLICT, "core_equal_region_conflict", -2.7, "字号相同而地区不同", "equal core names in different regions") \
	X(EQUAL_CONFLICT_RARITY, "core_rarity_region_conflict", -0.4, "字号少见而地区不同", "a rare core name in different regions") \
	X(PROVINCE_COMMON, "core_common_same_province", -1.7, "字号常见，仅知同省", "a common core name, and only the province in common") \
	X(PLACE_ONE_SIDE, "place_one_side", 1.4, "一方另有所在地", "one names a second place") \
	X(NUMBER_CONFLICT, "number_conflict", -3.9, "序号或数字不同", "the numerals differ") \
	X(NUMBER_ONE_SIDE, "number_one_side", -0.5, "一方有序号或数字", "only one has a numeral") \
	X(BRANCH_EQUAL, "branch_equal", 4.8, "同一分支机构", "the same branch") \
	X(BRANCH_DISTANCE, "branch_distance", -1.1, "分支机构名称的差异", "difference of the branches' names") \
	X(BRANCH_EDITS, "branch_edits", -0.8, "分支机构名称不同的字", "characters in which the branches differ") \
	X(BRANCH_KIND, "branch_other_kind", -1.0, "分支机构的种类不同", "branches of different kinds") \
	X(BRANCH_CONFLICT, "branch_conflict", -2.6, "不同的分支机构", "different branches") \
	X(BRANCH_ONE_SIDE, "branch_one_side", -6.0, "一方是分支机构", "only one is a branch") \
	X(BRANCH_CONTAINED, "branch_contained", 3.0, "一方分支机构名称多一个词", "one branch's name has a word more") \
	X(BRANCH_REGION_CONFLICT, "branch_other_region", -4.0, "分支机构在不同地区", "branches in different regions") \
	X(BRANCH_PLACE_ONE_SIDE, "branch_place_one_side", -1.0, "一方分支机构未写所在地", "only one branch names its place") \
	X(INDUSTRY_EQUAL, "industry_equal", 0.2, "行业相同", "the same industry") \
	X(INDUSTRY_CONTAINED, "industry_contained", 1.4, "行业包含", "one industry contains the other") \
	X(INDUSTRY_ONE_SIDE, "industry_one_side", 1.5, "一方没有行业", "only one names an industry") \
	X(INDUSTRY_NEAR, "industry_near", 0.1, "行业相近", "similar industries") \
	X(INDUSTRY_HOLDING, "industry_holding", 0.9, "仅投资、控股、集团字样不同", "equal but for investment, holding, group") \
	X(INDUSTRY_CONFLICT, "industry_conflict", -1.4, "行业不同", "different industries") \
	X(INDUSTRY_SHARED, "industry_shared", 1.4, "行业有相同的字", "the industries have characters in common") \
	X(EQUAL_INDUSTRY_CONFLICT, "core_equal_industry_conflict", -2.2, "字号相同而行业不同", "equal core names, different industries") \
	X(SUBSEQUENCE, "subsequence", 2.3, "一个是另一个的简称", "one could be a short form of the other") \
	X(SUBSEQUENCE_RUNS, "subsequence_runs", 0.0, "简称的字不相连", "the characters of the short form lie apart") \
	X(SHORT_FORM, "short_form", -0.9, "一方是简称", "one is a short form") \
	X(SHORT_STOCK, "short_form_stock", 4.3, "简称所指是股份公司", "the short form may be a listed company's") \
	X(GROUP_DIFFERS, "group_differs", -1.2, "一方是集团", "only one is a group") \
	X(LEGAL_EQUAL, "legal_equal", 0.3, "组织形式相同", "the same legal form") \
	X(LEGAL_CONFLICT, "legal_conflict", -0.2, "组织形式不同类", "legal forms of different kinds") \
	/* company names in words */ \
	X(LATIN_BASE, "words_base", -5.0, "起点：两家客户通常不是同一家", "to begin with: two customers are seldom one") \
	X(LATIN_EQUAL, "words_equal", 4.0, "名称的词相同", "the same words") \
	X(LATIN_JOINED, "words_joined_equal", 4.0, "只有空格不同", "equal but for spaces") \
	X(LATIN_OVERLAP, "words_overlap", 6.0, "共有的词", "words in common") \
	X(LATIN_CONTAINED, "words_contained", 2.0, "一个包含另一个的词", "one has all words of the other") \
	X(LATIN_DISTANCE, "words_distance", -3.0, "拼写的差异", "difference in spelling") \
	X(LATIN_FIRST, "words_first_equal", 3.0, "首词相同", "the same first word") \
	X(LATIN_INITIALS, "words_initials", 5.5, "一个是另一个的缩写", "one is the initials of the other") \
	X(LATIN_EXTRA, "words_extra_rare", -2.0, "一方多出少见的词", "one has a rare word more") \
	X(LATIN_TRADE, "words_trade_one_side", -3.0, "仅一方写明另一种机构或行业", "only one is a bank, an insurer, a school ...") \
	/* persons */ \
	X(PERSON_BASE, "person_base", -5.0, "起点：两位客户通常不是同一人", "to begin with: two persons are seldom one") \
	X(PERSON_EQUAL, "person_name_equal", 2.5, "姓名相同", "the same name") \
	X(PERSON_SIMILAR, "person_name_similar", 1.0, "姓名相近", "similar names") \
	X(PERSON_DIFFERS, "person_name_differs", -1.0, "姓名不同", "different names") \
	X(PERSON_MOBILE, "person_mobile_equal", 20.0, "手机号相同", "the same mobile number") \
	X(PERSON_PHONE, "person_phone_equal", 2.5, "固定电话相同", "the same fixed line") \
	X(PERSON_EMAIL, "person_email_equal", 5.0, "个人邮箱相同", "the same mail address") \
	/* contact fields of companies, USCC */ \
	X(PHONE_EQUAL, "phone_equal", 3.3, "电话相同", "the same telephone number") \
	X(PHONE_WEAK_EQUAL, "phone_weak_equal", 0.3, "服务热线或多家共用的号码相同", "the same number of a service or of many") \
	X(PHONE_DIFFERS, "phone_differs", -1.0, "电话不同", "different telephone numbers") \
	X(EMAIL_EQUAL, "email_equal", 2.5, "邮箱相同", "the same mail address") \
	X(EMAIL_DOMAIN_EQUAL, "email_domain_equal", 0.7, "邮箱域名相同", "the same mail domain") \
	X(EMAIL_DIFFERS, "email_differs", -0.9, "邮箱不同", "different mail domains") \
	X(CONTACT_EQUAL, "contact_equal", 4.7, "联系人相同", "the same contact") \
	X(CONTACT_SIMILAR, "contact_similar", 3.1, "联系人相近", "similar contacts") \
	X(CONTACT_DIFFERS, "contact_differs", -2.1, "联系人不同", "different contacts") \
	X(FAR_CONTACT, "contact_of_others", -2.6, "名称不同而联系方式相同，可能是代理", "contact in common but other names: perhaps an agent") \
	X(USCC_EQUAL, "uscc_equal", 25.0, "统一社会信用代码相同", "the same unified social credit code") \
	X(USCC_DIFFERS, "uscc_differs", -6.0, "统一社会信用代码不同", "different unified social credit codes") \
	/* what holds a band down; weight 0 */ \
	X(CAP_NO_KEY, "cap_no_key", 0.0, "没有共同的检索键，不算匹配", "no key in common: not a match") \
	X(CAP_SHORT_NAME, "cap_short_name", 0.0, "字号不足三字又无地区，仅凭名称不超过“可能”", "a core name under three characters without a region never says more than possible") \
	X(CAP_CONTACT_ONLY, "cap_contact_only", 0.0, "仅凭联系方式不作判定", "contact alone never decides") \
	X(REST, "rest", 0.0, "其他", "all the rest")

#endif							/* LEADS_MATCH_WEIGHTS_H */
