-- MySQL dump 10.13  Distrib 8.0.36
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `modelosemails`;
CREATE TABLE `modelosemails` (
  `idmodeloemail` int NOT NULL,
  `titulo` varchar(100) NOT NULL,
  `texto` text NOT NULL,
  `situacao` char(1) NOT NULL,
  `identificador` varchar(20) DEFAULT NULL,
  PRIMARY KEY (`idmodeloemail`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
LOCK TABLES `modelosemails` WRITE;
/*!40000 ALTER TABLE `modelosemails` DISABLE KEYS */;
INSERT INTO `modelosemails` VALUES (101,'Registro ${IDSOLICITACAOSERVICO}','<p>Prezado(a) ${NOMECONTATO},</p><p>A solicitação ${IDSOLICITACAOSERVICO} foi registrada.</p>','A','registro');
INSERT INTO `modelosemails` VALUES (102,'Prazo','<p>O prazo da atividade ${SERVICO} termina em ${DATAHORALIMITE}.</p>','I','prazo');
INSERT INTO `modelosemails` VALUES (103,'Aspas','<p>Sua resposta: <b>\"sim\"</b> ou <b>d\'accord</b>?</p>','A',NULL);
/*!40000 ALTER TABLE `modelosemails` ENABLE KEYS */;
UNLOCK TABLES;
