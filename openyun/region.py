"""The regions of this cloud: facts that every layer may read and none may change."""

from __future__ import annotations

import msgspec


class Zone(msgspec.Struct, frozen=True):
    """One zone: a part of a region with power and network of its own."""

    id: str
    local_name: str
    """the English name the console shows, such as "Hangzhou Zone B\""""
    chinese_name: str

    def name_in(self, language: str) -> str:
        """The name for an AcceptLanguage, such as en-US: Chinese for Chinese, English for all others."""
        return self.chinese_name if language.lower().startswith("zh") else self.local_name


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """One region: a place with zones, state and an operator of its own."""

    id: str
    local_name: str
    """the English name the console shows, such as "China (Hangzhou)\""""
    chinese_name: str
    id_code: str
    """what every resource id of this region carries after its prefix: `vpc-bp1...` lives in cn-hangzhou"""
    opened: str
    """ISO 8601, as precise as the public record: a year, a month or a day"""
    operator: str = "Alibaba Cloud"
    zones: tuple[Zone, ...]

    def name_in(self, language: str) -> str:
        """The name for an AcceptLanguage, such as en-US: Chinese for Chinese, English for all others."""
        return self.chinese_name if language.lower().startswith("zh") else self.local_name

    def zone(self, zone_id: str) -> Zone | None:
        """The zone of this id, if it is one of this region's."""
        return next((zone for zone in self.zones if zone.id == zone_id), None)


def _zones(region_id: str, letters: str, city: str, chinese_city: str) -> tuple[Zone, ...]:
    # Regions with a number take the letter as it is (me-east-1a); those of China put a hyphen before it.
    stem = region_id if region_id[-1].isdigit() else f"{region_id}-"
    return tuple(
        Zone(stem + letter, f"{city} Zone {letter.upper()}", f"{chinese_city} 可用区{letter.upper()}")
        for letter in letters
    )


REGIONS: tuple[Region, ...] = (
    Region(
        id="cn-hangzhou",
        local_name="China (Hangzhou)",
        chinese_name="华东1（杭州）",
        id_code="bp1",
        opened="2011",
        zones=_zones("cn-hangzhou", "befghijk", "Hangzhou", "杭州"),
    ),
    Region(
        id="cn-qingdao",
        local_name="China (Qingdao)",
        chinese_name="华北1（青岛）",
        id_code="m5e",
        opened="2012",
        zones=_zones("cn-qingdao", "bc", "Qingdao", "青岛"),
    ),
    Region(
        id="cn-beijing",
        local_name="China (Beijing)",
        chinese_name="华北2（北京）",
        id_code="2ze",
        opened="2013",
        zones=_zones("cn-beijing", "abcdefghijkl", "Beijing", "北京"),
    ),
    Region(
        id="cn-shenzhen",
        local_name="China (Shenzhen)",
        chinese_name="华南1（深圳）",
        id_code="wz9",
        opened="2014",
        zones=_zones("cn-shenzhen", "abcdef", "Shenzhen", "深圳"),
    ),
    Region(
        id="cn-hongkong",
        local_name="China (Hong Kong)",
        chinese_name="中国香港",
        id_code="j6c",
        opened="2014",
        zones=_zones("cn-hongkong", "bcd", "Hong Kong", "香港"),
    ),
    Region(
        id="us-west-1",
        local_name="US (Silicon Valley)",
        chinese_name="美国（硅谷）",
        id_code="rj9",
        opened="2015-03",
        zones=_zones("us-west-1", "ab", "Silicon Valley", "硅谷"),
    ),
    Region(
        id="me-east-1",
        local_name="UAE (Dubai)",
        chinese_name="阿联酋（迪拜）",
        id_code="eb3",
        opened="2016-11-21",
        operator="YVOLV, a joint venture of Alibaba Cloud and Meraas",
        zones=_zones("me-east-1", "ab", "Dubai", "迪拜"),
    ),
    Region(
        id="ap-southeast-1",
        local_name="Singapore",
        chinese_name="新加坡",
        id_code="t4n",
        opened="2015",
        zones=_zones("ap-southeast-1", "abc", "Singapore", "新加坡"),
    ),
    Region(
        id="ap-northeast-1",
        local_name="Japan (Tokyo)",
        chinese_name="日本（东京）",
        id_code="6we",
        opened="2016",
        zones=_zones("ap-northeast-1", "abc", "Tokyo", "东京"),
    ),
    Region(
        id="eu-central-1",
        local_name="Germany (Frankfurt)",
        chinese_name="德国（法兰克福）",
        id_code="gw8",
        opened="2016",
        zones=_zones("eu-central-1", "abc", "Frankfurt", "法兰克福"),
    ),
    Region(
        id="cn-shanghai",
        local_name="China (Shanghai)",
        chinese_name="华东2（上海）",
        id_code="uf6",
        opened="2015",
        zones=_zones("cn-shanghai", "abcdefgklmn", "Shanghai", "上海"),
    ),
    Region(
        id="cn-nanjing",
        local_name="China (Nanjing - Local Region)",
        chinese_name="华东5（南京-本地地域）",
        id_code="gc7",
        opened="2021",
        zones=_zones("cn-nanjing", "a", "Nanjing", "南京"),
    ),
    Region(
        id="cn-zhangjiakou",
        local_name="China (Zhangjiakou)",
        chinese_name="华北3（张家口）",
        id_code="8vb",
        opened="2016",
        zones=_zones("cn-zhangjiakou", "abc", "Zhangjiakou", "张家口"),
    ),
    Region(
        id="cn-huhehaote",
        local_name="China (Hohhot)",
        chinese_name="华北5（呼和浩特）",
        id_code="hp3",
        opened="2017",
        zones=_zones("cn-huhehaote", "ab", "Hohhot", "呼和浩特"),
    ),
    Region(
        id="cn-wulanchabu",
        local_name="China (Ulanqab)",
        chinese_name="华北6（乌兰察布）",
        id_code="0jl",
        opened="2020",
        zones=_zones("cn-wulanchabu", "abc", "Ulanqab", "乌兰察布"),
    ),
    Region(
        id="cn-heyuan",
        local_name="China (Heyuan)",
        chinese_name="华南2（河源）",
        id_code="f8z",
        opened="2020",
        zones=_zones("cn-heyuan", "ab", "Heyuan", "河源"),
    ),
    Region(
        id="cn-guangzhou",
        local_name="China (Guangzhou)",
        chinese_name="华南3（广州）",
        id_code="7xv",
        opened="2020",
        zones=_zones("cn-guangzhou", "ab", "Guangzhou", "广州"),
    ),
    Region(
        id="cn-chengdu",
        local_name="China (Chengdu)",
        chinese_name="西南1（成都）",
        id_code="2vc",
        opened="2020",
        zones=_zones("cn-chengdu", "ab", "Chengdu", "成都"),
    ),
    Region(
        id="ap-southeast-2",
        local_name="Australia (Sydney)",
        chinese_name="澳大利亚（悉尼）",
        id_code="p0w",
        opened="2016-11",
        zones=_zones("ap-southeast-2", "ab", "Sydney", "悉尼"),
    ),
    Region(
        id="ap-southeast-3",
        local_name="Malaysia (Kuala Lumpur)",
        chinese_name="马来西亚（吉隆坡）",
        id_code="8ps",
        opened="2017",
        zones=_zones("ap-southeast-3", "abc", "Kuala Lumpur", "吉隆坡"),
    ),
    Region(
        id="ap-southeast-5",
        local_name="Indonesia (Jakarta)",
        chinese_name="印度尼西亚（雅加达）",
        id_code="k1a",
        opened="2018",
        zones=_zones("ap-southeast-5", "abc", "Jakarta", "雅加达"),
    ),
    Region(
        id="ap-southeast-6",
        local_name="Philippines (Manila)",
        chinese_name="菲律宾（马尼拉）",
        id_code="5ts",
        opened="2021",
        zones=_zones("ap-southeast-6", "a", "Manila", "马尼拉"),
    ),
    Region(
        id="ap-southeast-7",
        local_name="Thailand (Bangkok)",
        chinese_name="泰国（曼谷）",
        id_code="0jo",
        opened="2022",
        zones=_zones("ap-southeast-7", "a", "Bangkok", "曼谷"),
    ),
    Region(
        id="ap-northeast-2",
        local_name="South Korea (Seoul)",
        chinese_name="韩国（首尔）",
        id_code="mj7",
        opened="2022",
        zones=_zones("ap-northeast-2", "ab", "Seoul", "首尔"),
    ),
    Region(
        id="ap-south-1",
        local_name="India (Mumbai)",
        chinese_name="印度（孟买）",
        id_code="a2d",
        opened="2018-01",
        zones=_zones("ap-south-1", "ab", "Mumbai", "孟买"),
    ),
    Region(
        id="us-east-1",
        local_name="US (Virginia)",
        chinese_name="美国（弗吉尼亚）",
        id_code="0xi",
        opened="2015",
        zones=_zones("us-east-1", "ab", "Virginia", "弗吉尼亚"),
    ),
    Region(
        id="eu-west-1",
        local_name="UK (London)",
        chinese_name="英国（伦敦）",
        id_code="d7o",
        opened="2018-10",
        zones=_zones("eu-west-1", "ab", "London", "伦敦"),
    ),
    Region(
        id="me-central-1",
        local_name="Saudi Arabia (Riyadh)",
        chinese_name="沙特（利雅得）",
        id_code="l4v",
        opened="2022",
        zones=_zones("me-central-1", "ab", "Riyadh", "利雅得"),
    ),
)
"""New ones go to the end: a region's public addresses follow from its place."""

HOME = REGIONS[0]
"""Where the global services (RAM, market, billing) keep their state."""

_BY_ID = {region.id: region for region in REGIONS}
_BY_CODE = {region.id_code: region for region in REGIONS}


def find_region(region_id: str) -> Region | None:
    """The region of this id."""
    return _BY_ID.get(region_id)


def region_of_resource(resource_id: str) -> Region | None:
    """The region in which a resource was made, read from its id: `vpc-bp1abc...` was made in cn-hangzhou."""
    _, hyphen, rest = resource_id.partition("-")
    return _BY_CODE.get(rest[:3]) if hyphen else None
