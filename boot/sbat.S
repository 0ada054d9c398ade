/* SPDX-License-Identifier: Apache-2.0
 *
 * What shim revokes loaders by: a generation for each component, to be raised with a fix that Secure Boot depends on.
 * Source: SBAT.md of shim (rhboot/shim), whose first line names itself.
 */
	.section .sbat, "dr"
	.ascii	"sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	.ascii	"anechoic,1,Anechoic,anechoic,1,README.md\n"
