# SPDX-License-Identifier: Apache-2.0
#
# One rule file a platform; a platform's rules change more often than the tool.

platformsdir = $(pkgdatadir)/platforms

dist_platforms_DATA = \
	platforms/alibaba-iot.json \
	platforms/alibaba-mqtt.json \
	platforms/aws-iot-sni-only.json \
	platforms/aws-iot.json \
	platforms/azure-dps.json \
	platforms/azure-iothub.json \
	platforms/cumulocity.json \
	platforms/generic.json \
	platforms/huawei-iotda.json \
	platforms/huawei-iotdp.json \
	platforms/nerveshub-page.json \
	platforms/nerveshub.json \
	platforms/peridio.json \
	platforms/quectel.json \
	platforms/tencent-iothub.json \
	platforms/tencent-tdmq.json
